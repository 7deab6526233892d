/// Three-way merge of texts by lines, as `git merge` does it, but that changes of neighbouring lines don't conflict:
/// a line is a value of its own here.
enum LineMerge {
    /// Numbers of the lines of `ours` (from 1) where both sides changed the same place differently.
    struct Conflict: Error {
        var lines: [Int]
    }

    /// - Throws: `Conflict`
    static func merge(base: [String], ours: [String], theirs: [String]) throws(Conflict) -> [String] {
        let toOurs = matches(base, ours)
        let toTheirs = matches(base, theirs)
        var result: [String] = []
        var conflicts: [Int] = []
        var (b, o, t) = (0, 0, 0)
        while b < base.count || o < ours.count || t < theirs.count {
            if b < base.count, toOurs[b] == o, toTheirs[b] == t {
                result.append(base[b])
                (b, o, t) = (b + 1, o + 1, t + 1)
                continue
            }
            // Up to the next line that all three share, this is one changed place.
            var end = b
            while end < base.count, !(toOurs[end].map { $0 >= o } ?? false && toTheirs[end].map { $0 >= t } ?? false) {
                end += 1
            }
            let ourEnd = end < base.count ? toOurs[end] ?? ours.count : ours.count
            let theirEnd = end < base.count ? toTheirs[end] ?? theirs.count : theirs.count
            let (was, mine, other) = (Array(base[b..<end]), Array(ours[o..<ourEnd]), Array(theirs[t..<theirEnd]))
            if mine == was || other == was || mine == other {
                result += mine == was ? other : mine
            } else {
                let (lines, differing) = neighbours(was, mine, other)
                result += lines
                conflicts += differing.map { o + 1 + $0 }
            }
            (b, o, t) = (end, ourEnd, theirEnd)
        }
        if !conflicts.isEmpty { throw Conflict(lines: conflicts) }
        return result
    }

    /// Merges a place that both sides changed, line for line if both left as many lines as there were.
    /// - Returns: the lines, and the positions in `ours` of those that both changed differently
    private static func neighbours(_ base: [String], _ ours: [String], _ theirs: [String]) -> ([String], conflicts: [Int]) {
        guard base.count == ours.count, base.count == theirs.count else { return (ours, [0]) }
        let conflicts = base.indices.filter { ours[$0] != base[$0] && theirs[$0] != base[$0] && ours[$0] != theirs[$0] }
        return (base.indices.map { ours[$0] == base[$0] ? theirs[$0] : ours[$0] }, conflicts)
    }

    /// For each line of `base`, the position of the same line in `other` in a longest common sequence.
    private static func matches(_ base: [String], _ other: [String]) -> [Int?] {
        var removed: Set<Int> = []
        var inserted: Set<Int> = []
        for change in other.difference(from: base) {
            switch change {
            case .remove(let offset, _, _): removed.insert(offset)
            case .insert(let offset, _, _): inserted.insert(offset)
            }
        }
        var position = 0
        return base.indices.map { index in
            if removed.contains(index) { return nil }
            while inserted.contains(position) { position += 1 }
            defer { position += 1 }
            return position
        }
    }
}
