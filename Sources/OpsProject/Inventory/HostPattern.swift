import Foundation
import OpsCore
import OrderedCollections

/// Expressions that select hosts, such as `web:!web3`, `~db\d+` or `web[0:2]` (`inventory/manager.py`).
struct HostPattern {
    /// Single patterns in the order in which they apply: plain ones, then `&`, then `!`.
    let parts: [String]

    init(_ patterns: [String]) {
        let all = patterns.flatMap(Self.split).filter { !$0.isEmpty }
        let plain = all.filter { $0.first != "!" && $0.first != "&" }
        parts = (plain.isEmpty ? ["all"] : plain) + all.filter { $0.first == "&" } + all.filter { $0.first == "!" }
    }

    /// Splits at commas, else at colons that are no part of an address or range.
    static func split(_ pattern: String) -> [String] {
        if pattern.contains(",") { return pattern.split(separator: ",").map(\.trimmed).filter { !$0.isEmpty } }
        if HostAddress.parse(pattern, allowRanges: true) != nil { return [pattern.trimmed].filter { !$0.isEmpty } }
        var parts: [String] = []
        var current = ""
        var depth = 0
        for character in pattern {
            if depth == 0, character == ":" || character.isWhitespace || character == "]" {
                if !current.isEmpty { parts.append(current) }
                current = ""
                continue
            }
            if character == "[" { depth = 1 } else if character == "]" { depth = 0 }
            current.append(character)
        }
        if depth == 0, !current.isEmpty { parts.append(current) }
        return parts
    }

    /// Indexes of the hosts selected, in order; patterns that match nothing are warned about.
    func select(from inventory: Inventory, warnings: inout [Diagnostic]) throws(Diagnostic) -> [Int] {
        var selected = OrderedSet<Int>()
        for part in parts {
            if let host = inventory.hostIndex[part] {
                selected.append(host)
                continue
            }
            let expression = part.first == "!" || part.first == "&" ? String(part.dropFirst()) : part
            let matches = try Self.matches(expression, inventory, &warnings)
            switch part.first {
            case "!": selected.subtract(matches)
            case "&": selected = selected.intersection(matches)
            default: selected.append(contentsOf: matches)
            }
        }
        return Array(selected)
    }

    // MARK: One pattern

    private static func matches(
        _ pattern: String, _ inventory: Inventory, _ warnings: inout [Diagnostic]
    ) throws(Diagnostic) -> [Int] {
        let (expression, subscript_) = subscripted(pattern)
        let hosts = try candidates(expression, inventory, &warnings)
        guard let subscript_, !hosts.isEmpty else { return hosts }
        switch subscript_ {
        case .one(let index):
            let position = index < 0 ? hosts.count + index : index
            guard hosts.indices.contains(position) else {
                throw Diagnostic(
                    code: "host-pattern", "'\(pattern)' selects no host: there are \(hosts.count)",
                    hints: ["count from 0; [-1] is the last"])
            }
            return [hosts[position]]
        case .range(let first, let last):
            // Ansible takes an end of 0 for none.
            if last == 0 { return hosts.indices.contains(first) ? [hosts[first]] : [] }
            let end = min(last ?? hosts.count - 1, hosts.count - 1)
            return first <= end ? Array(hosts[first...end]) : []
        }
    }

    private enum Subscript {
        case one(Int)
        case range(Int, Int?)
    }

    /// `web[0]`, `web[-1]`, `web[0:2]`, `web[1:]`; regular expressions have none.
    private static func subscripted(_ pattern: String) -> (String, Subscript?) {
        guard pattern.first != "~", pattern.last == "]", let open = pattern.lastIndex(of: "["),
            open > pattern.startIndex
        else {
            return (pattern, nil)
        }
        let inner = pattern[pattern.index(after: open)...].dropLast()
        let head = String(pattern[..<open])
        if let index = Int(inner), inner.first != "+" { return (head, .one(index)) }
        let bounds = inner.split(maxSplits: 1, omittingEmptySubsequences: false) { $0 == ":" || $0 == "-" }
        guard bounds.count == 2, let first = Int(bounds[0]), bounds[0].allSatisfy(\.isNumber),
            bounds[1].allSatisfy(\.isNumber)
        else { return (pattern, nil) }
        return (head, .range(first, Int(bounds[1])))
    }

    private static func candidates(
        _ pattern: String, _ inventory: Inventory, _ warnings: inout [Diagnostic]
    ) throws(Diagnostic) -> [Int] {
        let matcher = try NamePattern(pattern)
        let groups = inventory.groups.indices.filter { matcher.matches(inventory.groups[$0].name) }
        var found = OrderedSet(groups.flatMap { inventory.members(of: $0) })
        if groups.isEmpty || pattern.first == "~" || pattern.contains(where: { ".?*[".contains($0) }) {
            found.append(contentsOf: inventory.hosts.indices.filter { matcher.matches(inventory.hosts[$0].name) })
        }
        if found.isEmpty, groups.isEmpty, pattern != "all" {
            let names = inventory.groups.map(\.name) + inventory.hosts.map(\.name)
            warnings.append(
                Diagnostic(
                    .warning, code: "host-pattern", "the pattern '\(pattern)' matches no host or group",
                    hints: NearestName.hints(for: pattern, in: names)))
        }
        return Array(found)
    }
}

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
                let set = rest[..<close].replacing("\\", with: "\\\\").replacing("[", with: "\\[").replacing(
                    "&", with: "\\&")
                result +=
                    "[" + (set.hasPrefix("!") ? "^" + set.dropFirst() : set.hasPrefix("^") ? "\\" + set : set) + "]"
                rest = rest[rest.index(after: close)...]
            default: result += NSRegularExpression.escapedPattern(for: String(character))
            }
        }
        return result
    }
}

extension Inventory {
    /// Names of the hosts that a pattern selects, in order.
    ///
    /// - Parameters:
    ///   - pattern: as in a play's `hosts`.
    ///   - limit: a second pattern, all of which must select the host too; entries that begin with `@` name
    ///     files with one pattern a line.
    ///   - warnings: about patterns that match nothing.
    public func hosts(
        matching pattern: String, limit: String? = nil, files: ProjectFiles? = nil, warnings: inout [Diagnostic]
    ) throws(Diagnostic) -> [String] {
        let names = HostPattern.split(pattern)
        // This machine needs no inventory to be named.
        if names.count == 1, hostIndex[names[0]] == nil, groupIndex[names[0]] == nil, Self.localNames.contains(names[0])
        {
            return names
        }
        var selected = try HostPattern([pattern]).select(from: self, warnings: &warnings)
        if let limit {
            var patterns: [String] = []
            for part in HostPattern.split(limit) { patterns += try Self.limitPatterns(part, files) }
            let allowed = Set(try HostPattern(patterns).select(from: self, warnings: &warnings))
            selected = selected.filter(allowed.contains)
        }
        return selected.map { hosts[$0].name }
    }

    private static func limitPatterns(_ part: String, _ files: ProjectFiles?) throws(Diagnostic) -> [String] {
        guard part.first == "@", let files else { return [part] }
        let path = String(part.dropFirst())
        guard files.exists(path), !files.isDirectory(path) else {
            throw Diagnostic(code: "limit-file", "there is no file '\(path)' with hosts to limit to")
        }
        return try files.text(path).split(whereSeparator: \.isNewline).map(\.trimmed).filter { !$0.isEmpty }
    }
}
