import OpsCore

/// Where a template's text stands, so that errors can point into the file that holds it.
public struct TemplateOrigin: Hashable, Sendable {
    /// The place of the text's first character.
    public var start: SourceLocation
    /// Column (from 1) at which every further line of the text starts in the file: 1 for a file of
    /// its own, the indentation plus 1 for a YAML block scalar.
    public var continuationColumn: Int

    public init(_ start: SourceLocation, continuationColumn: Int = 1) {
        self.start = start
        self.continuationColumn = continuationColumn
    }

    /// A file of its own.
    public init(file: String) { self.init(SourceLocation(file: file)) }
}

/// A template's source with what is needed to turn byte offsets into places.
struct SourceText: Sendable {
    let bytes: [UInt8]
    let origin: TemplateOrigin
    /// Lines cut from the top before parsing (a `#jinja2:` line).
    var skippedLines = 0

    /// The places of names that were read at these offsets, in one pass through the text.
    func locations(_ offsets: [String: Int]) -> [String: SourceLocation] {
        var locations: [String: SourceLocation] = [:]
        var here = location(at: 0)
        var position = 0
        for (name, offset) in offsets.sorted(by: { $0.value < $1.value }) {
            let end = min(max(offset, 0), bytes.count)
            if bytes[position..<end].contains(UInt8(ascii: "\n")) {
                let lineStart = (bytes[position..<end].lastIndex(of: UInt8(ascii: "\n")) ?? position) + 1
                here.line += bytes[position..<end].count { $0 == UInt8(ascii: "\n") }
                here.column = origin.continuationColumn
                position = lineStart
            }
            here.column += String(decoding: bytes[position..<end], as: UTF8.self).count
            position = end
            locations[name] = here
        }
        return locations
    }

    /// The place of a UTF-8 offset; columns count characters.
    func location(at offset: Int) -> SourceLocation {
        let end = min(max(offset, 0), bytes.count)
        var line = 0
        var lineStart = 0
        for index in 0..<end where bytes[index] == UInt8(ascii: "\n") {
            line += 1
            lineStart = index + 1
        }
        line += skippedLines
        let column = String(decoding: bytes[lineStart..<end], as: UTF8.self).count
        let firstColumn = line == 0 ? origin.start.column : origin.continuationColumn
        return SourceLocation(file: origin.start.file, line: origin.start.line + line, column: firstColumn + column)
    }
}
