/// Python's text operations by code points.
enum PythonText {
    static func isSpace(_ scalar: Unicode.Scalar) -> Bool {
        scalar.properties.isWhitespace || (0x1C...0x1F).contains(scalar.value)
    }

    static func isLetter(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter: true
        default: false
        }
    }

    static func isCased(_ scalar: Unicode.Scalar) -> Bool { scalar.properties.isCased }

    static func hasPrefix(_ text: String, _ prefix: String) -> Bool { text.utf8.starts(with: prefix.utf8) }

    static func hasSuffix(_ text: String, _ suffix: String) -> Bool {
        text.utf8.count >= suffix.utf8.count && text.utf8.suffix(suffix.utf8.count).elementsEqual(suffix.utf8)
    }

    static func capitalize(_ text: String) -> String {
        guard let first = text.unicodeScalars.first else { return "" }
        // The first letter stays in front of the others while they are lowered, as a sigma looks back for one.
        let others = lower(text).unicodeScalars.dropFirst(first.properties.lowercaseMapping.unicodeScalars.count)
        return first.properties.titlecaseMapping + String(others)
    }

    /// The first letter of each run of letters upper case, the others lower case.
    static func title(_ text: String) -> String {
        var afterCased = false
        return mapped(text) { scalars, index in
            defer { afterCased = isCased(scalars[index]) }
            return afterCased ? lower(scalars, index) : scalars[index].properties.titlecaseMapping
        }
    }

    static func swapCase(_ text: String) -> String {
        mapped(text) { scalars, index in
            scalars[index].properties.isUppercase ? lower(scalars, index) : scalars[index].properties.uppercaseMapping
        }
    }

    static func lower(_ text: String) -> String {
        text.containsText("\u{3A3}") ? mapped(text, lower) : text.lowercased()
    }

    /// For comparing without case: `ß` becomes `ss`.
    static func caseFold(_ text: String) -> String {
        if text.isASCIIOnly { return text.lowercased() }
        return text.unicodeScalars.map { scalar in
            // The dotless i is one letter in all cases.
            scalar == "\u{131}" ? String(scalar) : scalar.properties.lowercaseMapping.uppercased().lowercased()
        }.joined()
    }

    private static func mapped(_ text: String, _ body: ([Unicode.Scalar], Int) -> String) -> String {
        let scalars = Array(text.unicodeScalars)
        return scalars.indices.map { body(scalars, $0) }.joined()
    }

    /// A sigma at the end of a word has a form of its own.
    private static func lower(_ scalars: [Unicode.Scalar], _ index: Int) -> String {
        guard scalars[index] == "\u{3A3}" else { return scalars[index].properties.lowercaseMapping }
        func isSkipped(_ scalar: Unicode.Scalar) -> Bool { scalar.properties.isCaseIgnorable }
        let before = scalars[..<index].last { !isSkipped($0) }.map(isCased) ?? false
        let after = scalars[(index + 1)...].first { !isSkipped($0) }.map(isCased) ?? false
        return before && !after ? "\u{3C2}" : "\u{3C3}"
    }

    static func isUpper(_ text: String) -> Bool {
        let cased = text.unicodeScalars.filter(isCased)
        return !cased.isEmpty && cased.allSatisfy { $0.properties.isUppercase }
    }

    static func isLower(_ text: String) -> Bool {
        let cased = text.unicodeScalars.filter(isCased)
        return !cased.isEmpty && cased.allSatisfy { $0.properties.isLowercase }
    }

    /// - Parameter characters: what to strip; nil for white space.
    static func strip(_ text: String, _ characters: Set<Unicode.Scalar>? = nil, left: Bool = true, right: Bool = true)
        -> String
    {
        func strips(_ scalar: Unicode.Scalar) -> Bool { characters.map { $0.contains(scalar) } ?? isSpace(scalar) }
        var scalars = text.unicodeScalars[...]
        if left { while let first = scalars.first, strips(first) { scalars.removeFirst() } }
        if right { while let last = scalars.last, strips(last) { scalars.removeLast() } }
        return String(scalars)
    }

    /// The words between white space, at most `limit` cuts (negative means all).
    static func splitSpace(_ text: String, limit: Int = -1) -> [String] {
        var pieces: [String] = []
        var rest = text.unicodeScalars[...]
        while true {
            rest = rest.drop(while: isSpace)
            if rest.isEmpty { return pieces }
            if limit >= 0, pieces.count == limit {
                return pieces + [String(rest)]
            }
            let word = rest.prefix { !isSpace($0) }
            pieces.append(String(word))
            rest = rest[word.endIndex...]
        }
    }

    static func splitSpaceFromRight(_ text: String, limit: Int) -> [String] {
        let reversed = String(String.UnicodeScalarView(text.unicodeScalars.reversed()))
        return splitSpace(reversed, limit: limit).reversed().map {
            String(String.UnicodeScalarView($0.unicodeScalars.reversed()))
        }
    }

    /// Python's `splitlines`.
    static func lines(_ text: String, keepEnds: Bool = false) -> [String] {
        var lines: [String] = []
        var line = String.UnicodeScalarView()
        var scalars = text.unicodeScalars.makeIterator()
        var next = scalars.next()
        while let scalar = next {
            next = scalars.next()
            guard isLineEnd(scalar) else { line.append(scalar); continue }
            if keepEnds { line.append(scalar) }
            if scalar == "\r", next == "\n" {
                if keepEnds { line.append("\n") }
                next = scalars.next()
            }
            lines.append(String(line))
            line = String.UnicodeScalarView()
        }
        if !line.isEmpty { lines.append(String(line)) }
        return lines
    }

    private static func isLineEnd(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x0A...0x0D, 0x1C...0x1E, 0x85, 0x2028, 0x2029: true
        default: false
        }
    }

    static func expandTabs(_ text: String, _ size: Int) -> String {
        var result = ""
        var column = 0
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\t":
                let width = size > 0 ? size - column % size : 0
                result += String(repeating: " ", count: min(width, Limits.maximumRepetition / 1000))
                column += width
            case "\n", "\r":
                result.unicodeScalars.append(scalar)
                column = 0
            default:
                result.unicodeScalars.append(scalar)
                column += 1
            }
        }
        return result
    }

    /// The text with the decimal digits of all scripts as ASCII ones, which Python reads alike.
    static func withASCIIDigits(_ text: String) -> String {
        if text.isASCIIOnly { return text }
        return String(String.UnicodeScalarView(text.unicodeScalars.map { scalar in
            guard scalar.properties.numericType == .decimal else { return scalar }
            return scalar.properties.numericValue.map { Unicode.Scalar(0x30 + UInt8($0)) } ?? scalar
        }))
    }
}
