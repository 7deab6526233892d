/// The difference of two files in the unified format of `diff -u`, made to be shown to people.
///
/// Compares bytes, so texts that only look alike differ. The result is bounded whatever the input.
public struct UnifiedDiff: Sendable {
    /// Unchanged lines shown round every change.
    public var context = 3
    /// Lines in the result, headers included; what's beyond is counted in a last line.
    public var maximumLines = 500
    /// Bytes of one line; what's beyond is cut.
    public var maximumLineBytes = 1000
    /// Larger files aren't compared line by line.
    public var maximumFileBytes = 4 << 20

    /// Masks secrets before lines are cut: of a secret that is cut, nobody could tell what the rest was.
    public var redactor: Redactor?

    public init(redactor: Redactor? = nil) { self.redactor = redactor }

    /// The difference, or an empty text if there is none. Lines end in a newline.
    ///
    /// - Parameters:
    ///   - before: nil if the file doesn't exist yet.
    ///   - after: nil if the file is deleted.
    ///   - path: shown in the headers.
    public func text(before: [UInt8]?, after: [UInt8]?, path: String = "") -> String {
        let (old, new) = (before ?? [], after ?? [])
        if old == new, (before == nil) == (after == nil) { return "" }
        let suffix = path.isEmpty ? "" : ": \(path)"
        let header = [
            before == nil ? "--- /dev/null" : "--- before\(suffix)",
            after == nil ? "+++ /dev/null" : "+++ after\(suffix)",
        ]
        if Self.isBinary(old) || Self.isBinary(new) {
            return Self.joined(header + ["binary files differ: \(Self.sizes(before, after))"])
        }
        if max(old.count, new.count) > maximumFileBytes {
            return Self.joined(header + ["too large to compare line by line: \(Self.sizes(before, after))"])
        }
        return Self.joined(bounded(header + hunks(Self.lines(old), Self.lines(new))))
    }

    /// The difference of two texts; see `text(before:after:path:)` for bytes.
    public func text(before: String?, after: String?, path: String = "") -> String {
        text(before: before.map { Array($0.utf8) }, after: after.map { Array($0.utf8) }, path: path)
    }

    private func bounded(_ lines: [String]) -> [String] {
        guard lines.count > maximumLines else { return lines }
        return lines.prefix(maximumLines) + ["... \(lines.count - maximumLines) more lines"]
    }

    /// Whether the bytes are no text: a NUL near the start, as git decides it, or not UTF-8.
    private static func isBinary(_ bytes: [UInt8]) -> Bool {
        bytes.prefix(8000).contains(0) || String(validating: bytes, as: UTF8.self) == nil
    }

    private static func sizes(_ before: [UInt8]?, _ after: [UInt8]?) -> String {
        func size(_ bytes: [UInt8]?) -> String { bytes.map { "\($0.count) bytes" } ?? "nothing" }
        return "\(size(before)) → \(size(after))"
    }

    /// The lines with their newlines: a last line without one differs from the same line with one.
    private static func lines(_ bytes: [UInt8]) -> [ArraySlice<UInt8>] {
        var lines: [ArraySlice<UInt8>] = []
        var start = 0
        while start < bytes.count {
            let end = bytes[start...].firstIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? bytes.count
            lines.append(bytes[start..<end])
            start = end
        }
        return lines
    }

    private static func joined(_ lines: [String]) -> String { lines.map { $0 + "\n" }.joined() }
}

// MARK: - Hunks

extension UnifiedDiff {
    private func hunks(_ old: [ArraySlice<UInt8>], _ new: [ArraySlice<UInt8>]) -> [String] {
        var numbers: [ArraySlice<UInt8>: Int] = [:]
        func number(_ line: ArraySlice<UInt8>) -> Int {
            if let known = numbers[line] { return known }
            numbers[line] = numbers.count
            return numbers.count - 1
        }
        let edits = LineEdits.from(old.map(number), to: new.map(number))
        return groups(of: edits).flatMap { hunk(edits[$0], old, new) }
    }

    /// Ranges of edits that belong into one hunk: changes at most two contexts apart.
    private func groups(of edits: [LineEdit]) -> [Range<Int>] {
        var groups: [Range<Int>] = []
        for index in edits.indices where !edits[index].isKept {
            let start = max(0, index - context)
            let end = min(edits.count, index + context + 1)
            if let last = groups.last, start <= last.upperBound {
                groups[groups.count - 1] = last.lowerBound..<end
            } else {
                groups.append(start..<end)
            }
        }
        return groups
    }

    private func hunk(
        _ edits: ArraySlice<LineEdit>, _ old: [ArraySlice<UInt8>], _ new: [ArraySlice<UInt8>]
    ) -> [String] {
        guard let first = edits.first else { return [] }
        var lines: [String] = []
        var (oldCount, newCount) = (0, 0)
        for edit in edits {
            switch edit {
            case .keep(let index, _):
                lines += shown(" ", old[index])
                oldCount += 1
                newCount += 1
            case .delete(let index, _):
                lines += shown("-", old[index])
                oldCount += 1
            case .insert(_, let index):
                lines += shown("+", new[index])
                newCount += 1
            }
        }
        let (oldStart, newStart) = first.position
        return ["@@ -\(Self.range(oldStart, oldCount)) +\(Self.range(newStart, newCount)) @@"] + lines
    }

    /// `start,count`: counted from 1, and the line before if the range is empty; a count of 1 is left out.
    private static func range(_ start: Int, _ count: Int) -> String {
        switch count {
        case 0: "\(start),0"
        case 1: "\(start + 1)"
        default: "\(start + 1),\(count)"
        }
    }

    private func shown(_ sign: String, _ line: ArraySlice<UInt8>) -> [String] {
        let hasNewline = line.last == UInt8(ascii: "\n")
        var text = String(decoding: hasNewline ? line.dropLast() : line, as: UTF8.self)
        if let redactor { text = redactor.redact(text) }
        // Cutting inside a character leaves a replacement character, which the ellipsis then follows.
        let isCut = text.utf8.count > maximumLineBytes
        let shown = sign + (isCut ? String(decoding: text.utf8.prefix(maximumLineBytes), as: UTF8.self) + "…" : text)
        return hasNewline ? [shown] : [shown, "\\ No newline at end of file"]
    }
}
