/// Writes YAML pieces with libyaml's rules for columns, indentation and folding.
struct YAMLEmitter {
    struct Options {
        var indent = 2
        var width = 80
        var allowsUnicode = true
        var sortsKeys = true
        /// Flow style for collections: always, never, or for those that hold only scalars.
        var flowStyle: Bool?
        var explicitStart = false
        var explicitEnd = false
        /// The style of every scalar: `'`, `"` or `|`.
        var defaultStyle: Unicode.Scalar?
    }

    private(set) var text = ""
    let options: Options
    var indent = -1
    var flowLevel = 0
    private(set) var column = 0
    /// Whether the last thing written was white space, and whether it was indentation.
    private var isAfterSpace = true
    private var isAfterIndention = true

    init(_ options: Options) { self.options = options }

    var isIndented: Bool { isAfterIndention }

    mutating func write(_ scalar: Unicode.Scalar) {
        text.unicodeScalars.append(scalar)
        column = scalar == "\n" ? 0 : column + 1
    }

    mutating func writeIndent() {
        let wanted = max(indent, 0)
        if !isAfterIndention || column > wanted || (column == wanted && !isAfterSpace) { write("\n") }
        while column < wanted { write(" ") }
        isAfterSpace = true
        isAfterIndention = true
    }

    mutating func writeIndicator(
        _ indicator: String, needsSpace: Bool, isSpace: Bool = false, isIndention: Bool = false
    ) {
        if needsSpace, !isAfterSpace { write(" ") }
        for scalar in indicator.unicodeScalars { write(scalar) }
        isAfterSpace = isSpace
        isAfterIndention = isAfterIndention && isIndention
    }

    /// Goes one level deeper and gives the level before.
    mutating func increaseIndent(isFlow: Bool, isIndentless: Bool = false) -> Int {
        let before = indent
        if indent < 0 { indent = isFlow ? options.indent : 0 } else if !isIndentless { indent += options.indent }
        return before
    }

    // MARK: Scalars

    mutating func writePlain(_ value: String, isKey: Bool) {
        if !isAfterSpace, !value.isEmpty || flowLevel > 0 { write(" ") }
        let scalars = Array(value.unicodeScalars)
        var wasSpace = false
        for (index, scalar) in scalars.enumerated() {
            let isFoldable = scalar == " " && !isKey && !wasSpace && column > options.width
                && !(index + 1 < scalars.count && scalars[index + 1] == " ")
            if isFoldable { writeIndent() } else { write(scalar); if scalar != " " { isAfterIndention = false } }
            wasSpace = scalar == " "
        }
        isAfterSpace = false
        isAfterIndention = false
    }

    mutating func writeSingleQuoted(_ value: String, isKey: Bool) {
        writeIndicator("'", needsSpace: true)
        let scalars = Array(value.unicodeScalars)
        var (wasSpace, wasBreak) = (false, false)
        for (index, scalar) in scalars.enumerated() {
            if scalar == " " {
                let isInside = index > 0 && index < scalars.count - 1
                if !isKey, !wasSpace, column > options.width, isInside, scalars[index + 1] != " " {
                    writeIndent()
                } else {
                    write(scalar)
                }
                wasSpace = true
            } else if YAMLScalar.isBreak(scalar) {
                if !wasBreak, scalar == "\n" { write("\n") }
                writeBreak(scalar)
                isAfterIndention = true
                wasBreak = true
            } else {
                if wasBreak { writeIndent() }
                if scalar == "'" { write("'") }
                write(scalar)
                isAfterIndention = false
                (wasSpace, wasBreak) = (false, false)
            }
        }
        if wasBreak { writeIndent() }
        writeIndicator("'", needsSpace: false)
    }

    private mutating func writeBreak(_ scalar: Unicode.Scalar) {
        write(scalar)
        column = 0
    }

    mutating func writeDoubleQuoted(_ value: String, isKey: Bool) {
        writeIndicator("\"", needsSpace: true)
        let scalars = Array(value.unicodeScalars)
        var wasSpace = false
        for (index, scalar) in scalars.enumerated() {
            let isPlain =
                YAMLScalar.isPrintable(scalar) && (options.allowsUnicode || scalar.isASCII)
                && !YAMLScalar.isBreak(scalar)
            if scalar == " " {
                let isInside = index > 0 && index < scalars.count - 1
                if !isKey, !wasSpace, column > options.width, isInside {
                    writeIndent()
                    if scalars[index + 1] == " " { write("\\") }
                } else {
                    write(scalar)
                }
                wasSpace = true
            } else if isPlain, scalar != "\"", scalar != "\\" {
                write(scalar)
                wasSpace = false
            } else {
                for escaped in YAMLEmitter.escape(scalar).unicodeScalars { write(escaped) }
                wasSpace = false
            }
        }
        writeIndicator("\"", needsSpace: false)
    }

    private static let escapes: [Unicode.Scalar: String] = [
        "\0": "0", "\u{07}": "a", "\u{08}": "b", "\t": "t", "\n": "n", "\u{0B}": "v", "\u{0C}": "f", "\r": "r",
        "\u{1B}": "e",
        "\"": "\"", "\\": "\\", "\u{85}": "N", "\u{A0}": "_", "\u{2028}": "L", "\u{2029}": "P",
    ]

    private static func escape(_ scalar: Unicode.Scalar) -> String {
        if let short = escapes[scalar] { return "\\" + short }
        let hex = String(scalar.value, radix: 16, uppercase: true)
        let (letter, width) = scalar.value <= 0xFF ? ("x", 2) : scalar.value <= 0xFFFF ? ("u", 4) : ("U", 8)
        return "\\" + letter + String(repeating: "0", count: width - hex.count) + hex
    }

    /// A `|` block.
    mutating func writeLiteral(_ value: String) {
        let scalars = Array(value.unicodeScalars)
        var header = "|"
        if let first = scalars.first, first == " " || YAMLScalar.isBreak(first) { header += String(options.indent) }
        let endsInBreak = scalars.last.map(YAMLScalar.isBreak) ?? false
        let endsInTwo = scalars.count > 1 && YAMLScalar.isBreak(scalars[scalars.count - 2])
        header += !endsInBreak ? "-" : scalars.count == 1 || endsInTwo ? "+" : ""
        writeIndicator(header, needsSpace: true)
        write("\n")
        isAfterIndention = true
        isAfterSpace = true
        var wasBreak = true
        for scalar in scalars {
            if YAMLScalar.isBreak(scalar) {
                writeBreak(scalar)
                isAfterIndention = true
                wasBreak = true
            } else {
                if wasBreak { writeIndent() }
                write(scalar)
                isAfterIndention = false
                wasBreak = false
            }
        }
    }
}
