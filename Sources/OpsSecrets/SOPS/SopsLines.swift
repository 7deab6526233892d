/// The lines of a text with their places; a line ends with LF, which is not part of it.
struct SopsLines: Sequence {
    struct Line {
        /// From 1.
        var number: Int
        var range: Range<Int>
    }

    let text: [UInt8]

    func makeIterator() -> AnyIterator<Line> {
        var (start, number) = (0, 0)
        return AnyIterator {
            guard start < text.count else { return nil }
            let end = text[start...].firstIndex(of: 10) ?? text.count
            number += 1
            defer { start = end + 1 }
            return Line(number: number, range: start..<end)
        }
    }
}

extension String {
    /// Replaces a text by its bytes. To `replacing`, CR LF is one character and not the line feed in it.
    func replacingBytes(_ wanted: String, with replacement: String) -> String {
        var result: [UInt8] = []
        var rest = Array(utf8)[...]
        while let range = rest.firstRange(of: wanted.utf8) {
            result += rest[..<range.lowerBound]
            result += replacement.utf8
            rest = rest[range.upperBound...]
        }
        return String(decoding: result + rest, as: UTF8.self)
    }
}
