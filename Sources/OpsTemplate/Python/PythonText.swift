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
        return first.properties.titlecaseMapping + String(text.unicodeScalars.dropFirst()).lowercased()
    }

    /// The first letter of each run of letters upper case, the others lower case.
    static func title(_ text: String) -> String {
        var result = ""
        var afterCased = false
        for scalar in text.unicodeScalars {
            result += afterCased ? scalar.properties.lowercaseMapping : scalar.properties.titlecaseMapping
            afterCased = isCased(scalar)
        }
        return result
    }

    static func swapCase(_ text: String) -> String {
        text.unicodeScalars.map {
            $0.properties.isUppercase ? $0.properties.lowercaseMapping : $0.properties.uppercaseMapping
        }.joined()
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
                return pieces + [strip(String(rest), left: false)]
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
}
