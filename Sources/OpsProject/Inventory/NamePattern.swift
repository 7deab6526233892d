import Foundation
import OpsCore

/// A name as shell pattern (`web*`, `db?`, `[!a]x`) or, after `~`, as regular expression matched from the start.
struct NamePattern {
    private let plain: String?
    private let expression: NSRegularExpression?

    init(_ pattern: String) throws(Diagnostic) {
        guard pattern.first == "~" || pattern.contains(where: { "?*[".contains($0) }) else {
            plain = pattern
            expression = nil
            return
        }
        plain = nil
        let source = pattern.first == "~" ? "\\A(?:\(pattern.dropFirst()))" : "\\A\(Self.translated(pattern))\\z"
        do {
            expression = try NSRegularExpression(
                pattern: source, options: pattern.first == "~" ? [] : .dotMatchesLineSeparators)
        } catch {
            throw Diagnostic(code: "host-pattern", "'\(pattern)' is no valid pattern")
        }
    }

    func matches(_ name: String) -> Bool {
        if let plain { return name == plain }
        return expression?.firstMatch(in: name, range: NSRange(name.startIndex..., in: name)) != nil
    }

    /// Python's `fnmatch.translate`.
    private static func translated(_ pattern: String) -> String {
        var result = ""
        var rest = pattern[...]
        while let character = rest.popFirst() {
            switch character {
            case "*": result += ".*"
            case "?": result += "."
            case "[":
                // A `]` right after the opening or its `!` is one of the set.
                let body = rest.hasPrefix("!") ? rest.dropFirst() : rest
                guard let close = body.dropFirst().firstIndex(of: "]") else {
                    result += "\\["
                    continue
                }
                result += set(rest[..<close])
                rest = rest[rest.index(after: close)...]
            default: result += NSRegularExpression.escapedPattern(for: String(character))
            }
        }
        return result
    }

    /// A set of characters and ranges of them. Ranges that run backwards hold nothing.
    private static func set(_ body: Substring) -> String {
        let isNegated = body.first == "!"
        var rest = isNegated ? body.dropFirst() : body
        var members = ""
        while let first = rest.popFirst() {
            guard rest.first == "-", let last = rest.dropFirst().first else {
                members += escaped(first)
                continue
            }
            rest = rest.dropFirst(2)
            if first.unicodeScalars.lexicographicallyPrecedes(last.unicodeScalars) || first == last {
                members += "\(escaped(first))-\(escaped(last))"
            }
        }
        if members.isEmpty { return isNegated ? "." : "(?!)" }
        return "[\(isNegated ? "^" : "")\(members)]"
    }

    private static func escaped(_ character: Character) -> String {
        "\\[]^-&~|{}".contains(character) ? "\\\(character)" : String(character)
    }
}
