/// Finds what a user probably meant to type.
public enum NearestName {
    /// The candidate closest to `name`, or nil if none is close enough to be worth a hint.
    ///
    /// Close enough: at most a third of the name's length away (at least 1, at most 3; a single letter is like
    /// no other) in optimal string alignment distance, case ignored.
    public static func to(_ name: String, in candidates: some Sequence<String>) -> String? {
        let wanted = Array(name.lowercased().unicodeScalars.prefix(80))
        let limit = wanted.count < 2 ? 0 : min(3, max(1, wanted.count / 3))
        var best: (name: String, distance: Int)?
        for candidate in candidates where abs(candidate.unicodeScalars.count - wanted.count) <= limit {
            let distance = distance(wanted, Array(candidate.lowercased().unicodeScalars))
            if distance <= limit, distance < (best?.distance ?? .max) { best = (candidate, distance) }
        }
        return best?.name
    }

    /// `["did you mean 'x'?"]`, or nothing.
    public static func hints(for name: String, in candidates: some Sequence<String>) -> [String] {
        to(name, in: candidates).map { ["did you mean '\($0)'?"] } ?? []
    }

    /// Optimal string alignment distance: insertions, deletions, replacements, swaps of neighbours.
    private static func distance(_ a: [Unicode.Scalar], _ b: [Unicode.Scalar]) -> Int {
        if a.isEmpty || b.isEmpty { return max(a.count, b.count) }
        var beforePrevious = [Int](repeating: 0, count: b.count + 1)
        var previous = Array(0...b.count)
        for i in 1...a.count {
            var current = [i] + [Int](repeating: 0, count: b.count)
            for j in 1...b.count {
                let replaced = previous[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)
                current[j] = min(previous[j] + 1, current[j - 1] + 1, replaced)
                if i > 1, j > 1, a[i - 1] == b[j - 2], a[i - 2] == b[j - 1] {
                    current[j] = min(current[j], beforePrevious[j - 2] + 1)
                }
            }
            (beforePrevious, previous) = (previous, current)
        }
        return previous[b.count]
    }
}
