/// Host names with ranges, such as `web[01:20]` or `db-[a:c].[1:3]` (`plugins/inventory/__init__.py`).
enum HostRange {
    /// Most names that one pattern may give.
    static let maximum = 100_000

    struct Problem: Error {
        let message: String
    }

    /// The names that a pattern stands for; itself if it has no range.
    static func expand(_ pattern: String) throws(Problem) -> [String] {
        guard let open = pattern.firstIndex(of: "[") else { return [pattern] }
        guard let close = pattern.firstIndex(of: "]"), close > open else {
            throw Problem(message: "the range in '\(pattern)' is never closed")
        }
        let head = pattern[..<open]
        let tails = try expand(String(pattern[pattern.index(after: close)...]))
        let names = try numbers(pattern[pattern.index(after: open)..<close])
        guard names.count <= maximum / max(tails.count, 1) else {
            throw Problem(message: "'\(pattern)' stands for more than \(maximum) hosts")
        }
        return names.flatMap { name in tails.map { head + name + $0 } }
    }

    private static let letters = Array("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")

    private static func numbers(_ range: Substring) throws(Problem) -> [String] {
        let bounds = range.split(separator: ":", omittingEmptySubsequences: false)
        guard bounds.count == 2 || bounds.count == 3 else {
            throw Problem(message: "a range is [begin:end] or [begin:end:step], not [\(range)]")
        }
        let begin = bounds[0].isEmpty ? "0" : bounds[0]
        let end = bounds[1]
        guard !end.isEmpty else { throw Problem(message: "the range [\(range)] has no end") }
        guard let step = bounds.count == 3 ? Int(bounds[2]) : 1, step > 0 else {
            throw Problem(message: "the step of the range [\(range)] must be a positive number")
        }
        let isPadded = begin.first == "0" && begin.count > 1
        guard !isPadded || begin.count == end.count else {
            throw Problem(message: "both ends of the range [\(range)] must have the same number of digits")
        }
        if begin.count == 1, end.count == 1, let first = letters.firstIndex(of: Character(String(begin))),
            let last = letters.firstIndex(of: Character(String(end)))
        {
            guard first <= last else { throw Problem(message: "the range [\(range)] begins after its end") }
            return stride(from: first, through: last, by: step).map { String(letters[$0]) }
        }
        guard let first = Int(begin), let last = Int(end) else {
            throw Problem(message: "the ends of the range [\(range)] must be numbers or letters")
        }
        guard last < first || (last - first) / step < maximum else {
            throw Problem(message: "the range [\(range)] stands for more than \(maximum) hosts")
        }
        return stride(from: first, through: last, by: step).map { number in
            let digits = String(number)
            return isPadded ? String(repeating: "0", count: max(0, begin.count - digits.count)) + digits : digits
        }
    }
}
