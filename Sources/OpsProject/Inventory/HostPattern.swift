import Foundation
import OpsCore
import OrderedCollections

/// Expressions that select hosts, such as `web:!web3`, `~db\d+` or `web[0:2]` (`inventory/manager.py`).
struct HostPattern {
    /// Single patterns in the order in which they apply: plain ones, then `&`, then `!`.
    let parts: [String]

    /// A pattern as users write it: one, or several with separators between them.
    init(_ pattern: String) throws(Diagnostic) { try self.init(singles: Self.split(pattern)) }

    /// - Parameter singles: patterns that are not split any further.
    init(singles: [String]) throws(Diagnostic) {
        for single in singles where single == "!" || single == "&" {
            throw Diagnostic(
                code: "host-pattern", "nothing follows the '\(single)' of a host pattern",
                hints: ["write \(single)name, without a space"])
        }
        let plain = singles.filter { $0.first != "!" && $0.first != "&" }
        parts = (plain.isEmpty ? ["all"] : plain) + singles.filter { $0.first == "&" } + singles.filter { $0.first == "!" }
    }

    /// Splits at commas, else at colons and spaces that are no part of an address or range.
    static func split(_ pattern: String) -> [String] {
        if pattern.contains(",") { return pattern.split(separator: ",").map(\.trimmed).filter { !$0.isEmpty } }
        if HostAddress.parse(pattern, allowRanges: true) != nil { return [pattern.trimmed].filter { !$0.isEmpty } }
        var parts: [String] = []
        var current = ""
        var rest = pattern[...]
        while let character = rest.first {
            // A bracket that is never closed separates, as a closing one without its opening does.
            let end = character == "[" ? rest.firstIndex(of: "]") : rest.startIndex
            if let end, character != "]", character != ":", !character.isWhitespace {
                current += rest[...end]
                rest = rest[rest.index(after: end)...]
                continue
            }
            if !current.isEmpty { parts.append(current) }
            current = ""
            rest.removeFirst()
        }
        return current.isEmpty ? parts : parts + [current]
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
        // Ansible takes an end of 0 for none.
        return (head, bounds[1].allSatisfy { $0 == "0" } && !bounds[1].isEmpty ? .one(first) : .range(first, Int(bounds[1])))
    }

    /// Hosts in the order that subscripts count: one that several groups hold, or that its name matches too, counts
    /// each time.
    private static func candidates(
        _ pattern: String, _ inventory: Inventory, _ warnings: inout [Diagnostic]
    ) throws(Diagnostic) -> [Int] {
        let matcher = try NamePattern(pattern)
        let groups = inventory.groups.indices.filter { matcher.matches(inventory.groups[$0].name) }
        var found = groups.flatMap { inventory.members(of: $0) }
        if groups.isEmpty || pattern.first == "~" || pattern.contains(where: { ".?*[".contains($0) }) {
            found += inventory.hosts.indices.filter { matcher.matches(inventory.hosts[$0].name) }
        }
        if found.isEmpty, groups.isEmpty, pattern != "all" {
            let names = inventory.groups.map(\.name) + inventory.hosts.map(\.name)
            warnings.append(
                Diagnostic(
                    .warning, code: "host-pattern", "the pattern '\(pattern)' matches no host or group",
                    hints: NearestName.hints(for: pattern, in: names)))
        }
        return found
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
        var selected = try HostPattern(pattern).select(from: self, warnings: &warnings)
        if let limit, !limit.isEmpty {
            let pattern = try HostPattern(singles: Self.limitPatterns(limit, files))
            let allowed = Set(try pattern.select(from: self, warnings: &warnings))
            selected = selected.filter(allowed.contains)
        }
        return selected.map { hosts[$0].name }
    }

    /// The single patterns of a limit. One that names none is a mistake, not a wish for all hosts.
    private static func limitPatterns(_ limit: String, _ files: ProjectFiles?) throws(Diagnostic) -> [String] {
        var patterns: [String] = []
        for part in HostPattern.split(limit) { patterns += try limitPatterns(part: part, files) }
        guard !patterns.isEmpty else {
            throw Diagnostic(code: "host-pattern", "the limit '\(limit)' names no host or group")
        }
        return patterns
    }

    private static func limitPatterns(part: String, _ files: ProjectFiles?) throws(Diagnostic) -> [String] {
        guard part.first == "@", let files else { return [part] }
        let path = String(part.dropFirst())
        guard files.exists(path), !files.isDirectory(path) else {
            throw Diagnostic(code: "limit-file", "there is no file '\(path)' with hosts to limit to")
        }
        return try files.text(path).split(whereSeparator: \.isNewline).map(\.trimmed).filter { !$0.isEmpty }
    }
}
