import OpsCore

/// The replacement of `re.sub`: text with `\1`, `\g<name>` and character escapes.
struct RegexReplacement {
    private enum Part {
        case text(String)
        case group(Int)
    }

    private var parts: [Part] = []

    init(_ template: String, _ program: RegexProgram) throws {
        var scalars = Array(template.unicodeScalars)[...]
        var text = ""
        while let scalar = scalars.popFirst() {
            guard scalar == "\\", let kind = scalars.popFirst() else {
                if scalar == "\\" { throw RegexReplacement.fail("bad escape (end of pattern)") }
                text.unicodeScalars.append(scalar)
                continue
            }
            if let group = try RegexReplacement.group(kind, &scalars, program) {
                parts.append(.text(text))
                text = ""
                parts.append(.group(group))
            } else {
                text += try RegexReplacement.escape(kind, &scalars)
            }
        }
        parts.append(.text(text))
    }

    private static func fail(_ message: String) -> Diagnostic {
        Diagnostic(code: "template-regex", "in the replacement: \(message)")
    }

    private static func group(
        _ kind: Unicode.Scalar, _ scalars: inout ArraySlice<Unicode.Scalar>, _ program: RegexProgram
    ) throws -> Int? {
        var number: Int
        if kind == "g" {
            guard scalars.popFirst() == "<", let end = scalars.firstIndex(of: ">") else { throw fail("missing <") }
            let name = String(String.UnicodeScalarView(scalars[..<end]))
            scalars = scalars[(end + 1)...]
            guard let found = Int(name) ?? program.groupNames[name] else { throw fail("unknown group name '\(name)'") }
            number = found
        } else if ("1"..."9").contains(kind) {
            number = Int(kind.value - 0x30)
            if let next = scalars.first, ("0"..."9").contains(next) {
                number = number * 10 + Int(next.value - 0x30)
                scalars.removeFirst()
            }
        } else {
            return nil
        }
        guard (0...program.groupCount).contains(number) else { throw fail("invalid group reference \(number)") }
        return number
    }

    private static func escape(_ kind: Unicode.Scalar, _ scalars: inout ArraySlice<Unicode.Scalar>) throws -> String {
        switch kind {
        case "n": return "\n"
        case "t": return "\t"
        case "r": return "\r"
        case "a": return "\u{07}"
        case "b": return "\u{08}"
        case "f": return "\u{0C}"
        case "v": return "\u{0B}"
        case "\\": return "\\"
        case "0":
            var value: UInt32 = 0
            for _ in 0..<2 {
                if let digit = scalars.first, ("0"..."7").contains(digit) {
                    value = value * 8 + digit.value - 0x30; scalars.removeFirst()
                }
            }
            return Unicode.Scalar(value).map { String($0) } ?? ""
        default:
            if kind.isASCII, kind.properties.isAlphabetic { throw fail("bad escape \\\(kind)") }
            return "\\" + String(kind)
        }
    }

    func text(for match: PythonRegex.Match) -> String {
        var result = ""
        for part in parts {
            switch part {
            case .text(let text): result += text
            case .group(let number): result += match.group(number) ?? ""
            }
        }
        return result
    }
}
