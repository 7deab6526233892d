import Yams

/// Finds where the scalars of a YAML text begin and end. The parser only says where they begin.
struct SopsYAMLText {
    let bytes: [UInt8]
    /// Offset of each line. Lines end as libyaml counts them: LF, CR, CR LF, NEL, LS, PS.
    private let lineStarts: [Int]

    init(_ text: String) {
        bytes = Array(text.utf8)
        // A byte order mark is not counted as a column.
        var starts = [bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0]
        var index = 0
        while index < bytes.count {
            let length = Self.breakLength(bytes, at: index)
            index += max(length, 1)
            if length > 0 { starts.append(index) }
        }
        lineStarts = starts
    }

    private static func breakLength(_ bytes: [UInt8], at index: Int) -> Int {
        switch bytes[index] {
        case 10: 1
        case 13: index + 1 < bytes.count && bytes[index + 1] == 10 ? 2 : 1
        case 0xC2: index + 1 < bytes.count && bytes[index + 1] == 0x85 ? 2 : 0
        case 0xE2:
            index + 2 < bytes.count && bytes[index + 1] == 0x80 && bytes[index + 2] & 0xFE == 0xA8 ? 3 : 0
        default: 0
        }
    }

    /// Byte offset of a place that libyaml counts in Unicode scalars.
    func offset(of mark: Mark?) -> Int {
        guard let mark, lineStarts.indices.contains(mark.line - 1) else { return bytes.count }
        var offset = lineStarts[mark.line - 1]
        for _ in 1..<max(mark.column, 1) where offset < bytes.count {
            offset += 1
            while offset < bytes.count, bytes[offset] & 0xC0 == 0x80 { offset += 1 }
        }
        return offset
    }

    /// Index of the line that holds an offset.
    func line(of offset: Int) -> Int {
        var (low, high) = (0, lineStarts.count)
        while low + 1 < high {
            let middle = (low + high) / 2
            if lineStarts[middle] <= offset { low = middle } else { high = middle }
        }
        return low
    }

    func lineStart(_ line: Int) -> Int { line < lineStarts.count ? lineStarts[line] : bytes.count }

    /// Where the text of a scalar stands, quotes and block mark included; nil if it can't be followed.
    /// - Parameter parentIndent: column (from 0) of the key or dash that holds it, -1 at the top
    func range(of scalar: Node.Scalar, parentIndent: Int) -> Range<Int>? {
        var start = offset(of: scalar.mark)
        if start < bytes.count, bytes[start] == UInt8(ascii: "!") {
            start = bytes[start...].firstIndex { $0 == 32 || $0 == 10 } ?? bytes.count
            start = bytes[start...].firstIndex { $0 != 32 } ?? bytes.count
        }
        let end: Int? =
            switch scalar.style {
            case .doubleQuoted: quotedEnd(start, quote: UInt8(ascii: "\""))
            case .singleQuoted: quotedEnd(start, quote: UInt8(ascii: "'"))
            case .literal, .folded: blockEnd(start, parentIndent: parentIndent)
            case .plain, .any: plainEnd(start, scalar.string)
            }
        return end.map { start..<$0 }
    }

    private func quotedEnd(_ start: Int, quote: UInt8) -> Int? {
        guard start < bytes.count, bytes[start] == quote else { return nil }
        var index = start + 1
        while index < bytes.count {
            if bytes[index] == UInt8(ascii: "\\"), quote == UInt8(ascii: "\"") {
                index += 1
            } else if bytes[index] == quote {
                // '' is a quote inside single quotes.
                guard quote == UInt8(ascii: "'"), index + 1 < bytes.count, bytes[index + 1] == quote else {
                    return index + 1
                }
                index += 1
            }
            index += 1
        }
        return nil
    }

    /// Plain text as it is, but for line folds: any run of white space stands for the fold.
    private func plainEnd(_ start: Int, _ value: String) -> Int? {
        var index = start
        let wanted = Array(value.utf8)
        var position = 0
        func isSpace(_ byte: UInt8) -> Bool { byte == 32 || byte == 10 || byte == 13 || byte == 9 }
        while position < wanted.count {
            guard index < bytes.count else { return nil }
            if isSpace(wanted[position]) {
                guard isSpace(bytes[index]) else { return nil }
                while position < wanted.count, isSpace(wanted[position]) { position += 1 }
                while index < bytes.count, isSpace(bytes[index]) { index += 1 }
            } else {
                guard bytes[index] == wanted[position] else { return nil }
                (position, index) = (position + 1, index + 1)
            }
        }
        return index
    }

    /// End of a literal or folded block: its last line that isn't blank, without the line break; with
    /// `+`, its last blank line.
    private func blockEnd(_ start: Int, parentIndent: Int) -> Int? {
        guard start < bytes.count, bytes[start] == UInt8(ascii: "|") || bytes[start] == UInt8(ascii: ">") else {
            return nil
        }
        let first = line(of: start)
        let head = bytes[start..<lineStart(first + 1)]
        let keepsBlanks = head.dropFirst().prefix(2).contains(UInt8(ascii: "+"))
        let digit = head.dropFirst().prefix(2).first { (49...57).contains($0) }
        var indent = digit.map { max(parentIndent, 0) + Int($0 - 48) }
        var end = head.firstIndex { $0 == 10 || $0 == 13 } ?? bytes.count
        for number in (first + 1)..<max(lineStarts.count, first + 1) {
            let content = bytes[lineStart(number)..<lineStart(number + 1)]
            let spaces = content.prefix { $0 == 32 }.count
            let textEnd = content.lastIndex { $0 != 10 && $0 != 13 }.map { $0 + 1 } ?? content.startIndex
            if spaces == textEnd - content.startIndex {
                if keepsBlanks { end = textEnd }
                continue
            }
            let needed = indent ?? spaces
            guard spaces >= needed, spaces > parentIndent else { break }
            indent = needed
            end = textEnd
        }
        return end
    }
}
