import Foundation
import OpsCore

/// Reads INI inventories (`plugins/inventory/ini.py`).
struct InventoryINI {
    private enum State: String { case hosts, vars, children }

    /// A section or child that was used before its group was declared.
    private struct Pending {
        var line: Int
        var state: State
        var parents: [String] = []
    }

    private let file: String
    private var builder: InventoryBuilder
    private var line = 0
    private var group = "ungrouped"
    private var state = State.hosts
    private var pending: [(name: String, Pending)] = []

    /// The builder with what the text adds.
    static func read(_ text: String, file: String, into builder: InventoryBuilder) throws(Diagnostic)
        -> InventoryBuilder
    {
        var reader = InventoryINI(file: file, builder: builder)
        for line in text.pythonLines {
            reader.line += 1
            try reader.read(line)
        }
        try reader.checkPending()
        return reader.builder
    }

    /// A file's text. It must be UTF-8, but for what its comments say.
    static func text(of path: String, _ files: ProjectFiles) throws(Diagnostic) -> String {
        do { return try files.text(path) } catch where error.code == "file-encoding" {
            let lines = try files.data(path).split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
            let isComment = { (line: Data) in line.first == UInt8(ascii: "#") || line.first == UInt8(ascii: ";") }
            guard lines.allSatisfy({ isComment($0) || String(validating: $0, as: UTF8.self) != nil }) else { throw error }
            return lines.map { String(decoding: $0, as: UTF8.self) }.joined(separator: "\n")
        }
    }

    private init(file: String, builder: InventoryBuilder) {
        self.file = file
        self.builder = builder
    }

    private mutating func read(_ raw: Substring) throws(Diagnostic) {
        let indent = raw.utf8.prefix { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }.count
        let line = raw.trimmed
        guard let first = line.utf8.first, first != UInt8(ascii: "#"), first != UInt8(ascii: ";") else { return }
        if first == UInt8(ascii: "["), try section(line) { return }
        switch state {
        case .hosts: try host(line, indent)
        case .vars: try variable(line, indent)
        case .children: try child(line)
        }
    }

    private func error(_ code: String, _ message: String, column: Int = 1, hints: [String] = []) -> Diagnostic {
        Diagnostic(code: code, message, at: SourceLocation(file: file, line: line, column: column), hints: hints)
    }

    // MARK: Sections

    /// Whether the line is a section's head.
    private mutating func section(_ line: String) throws(Diagnostic) -> Bool {
        guard let (name, type) = Self.head(line) else {
            guard line.last == "]" else { return false }
            throw error(
                "inventory-section", "'\(line)' is no section",
                hints: ["write [group], [group:vars] or [group:children], without spaces"])
        }
        guard let next = State(rawValue: type ?? "hosts") else {
            throw error(
                "inventory-section", "unknown kind of section '\(type ?? "")'",
                hints: NearestName.hints(for: type ?? "", in: ["hosts", "vars", "children"]))
        }
        (group, state) = (name, next)
        if builder.group(name) == nil {
            if state == .vars, pendingIndex(name) == nil {
                pending.append((name, Pending(line: self.line, state: .vars)))
            }
            builder.addGroup(name)
        }
        if state != .vars, let index = pendingIndex(name) {
            if pending[index].1.state == .children { try addPending(name) } else { pending.remove(at: index) }
        }
        return true
    }

    /// `[name]` or `[name:type]`, then nothing or a comment.
    private static func head(_ line: String) -> (name: String, type: String?)? {
        guard let close = line.firstIndex(of: "]") else { return nil }
        let rest = line[line.index(after: close)...].trimmed
        guard rest.isEmpty || rest.first == "#" else { return nil }
        let parts = line[..<close].dropFirst().split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count <= 2, let name = parts.first, !name.isEmpty, !name.contains(where: \.isWhitespace) else {
            return nil
        }
        if parts.count == 2, parts[1].isEmpty || !parts[1].allSatisfy({ $0.isLetter || $0.isNumber || $0 == "_" }) {
            return nil
        }
        return (String(name), parts.count == 2 ? String(parts[1]) : nil)
    }

    // MARK: Lines of sections

    private mutating func host(_ line: String, _ indent: Int) throws(Diagnostic) {
        let words: [ShellWords.Word]
        do {
            words = try ShellWords.split(line)
        } catch {
            throw self.error(
                "inventory-quote",
                error == .openQuote ? "a quote is never closed" : "nothing follows the '\\' at the end")
        }
        guard let pattern = words.first?.text else { return }
        let (names, port) = try hostNames(pattern)
        var variables: [LocatedVariable] = []
        for word in words.dropFirst() {
            let column = indent + word.offset + 1
            guard let equals = word.text.utf8.firstIndex(of: UInt8(ascii: "=")) else {
                throw error(
                    "inventory-variable", "'\(word.text)' is no variable", column: column,
                    hints: ["write key=value; quote a value with spaces"])
            }
            let name = String(word.text[..<equals])
            variables.append(try variable(name, String(word.text[word.text.utf8.index(after: equals)...]), column))
        }
        let groupIndex = builder.addGroup(group)
        for name in names {
            let location = SourceLocation(file: file, line: self.line, column: indent + 1)
            let index = try addHost(name, groupIndex, port, location)
            for variable in variables { try set(variable, host: index) }
        }
    }

    private mutating func addHost(
        _ name: String, _ group: Int, _ port: Int?, _ location: SourceLocation
    ) throws(Diagnostic) -> Int {
        do { return try builder.addHost(name, to: group, port: port, at: location) } catch {
            throw self.error("inventory", error.message)
        }
    }

    private mutating func set(_ variable: LocatedVariable, host: Int) throws(Diagnostic) {
        do { try builder.set(variable, host: host) } catch { throw self.error("inventory", error.message) }
    }

    private func hostNames(_ pattern: String) throws(Diagnostic) -> ([String], port: Int?) {
        let (names, port) = try InventoryHosts.names(pattern) { (message) in error("inventory-host", message) }
        if port == nil, pattern.trimmed.hasSuffix(":") {
            throw error(
                "inventory-host", "'\(pattern)' ends in ':', and no port follows",
                hints: ["is this a YAML file? its name then ends in .yml"])
        }
        if names.contains(where: { $0.trimmed == "---" }) {
            throw error(
                "inventory-host", "'---' is no host", hints: ["is this a YAML file? its name then ends in .yml"])
        }
        return (names, port)
    }

    private mutating func variable(_ line: String, _ indent: Int) throws(Diagnostic) {
        guard let equals = line.utf8.firstIndex(of: UInt8(ascii: "=")) else {
            throw error(
                "inventory-variable", "'\(line)' is no variable", column: indent + 1, hints: ["write key=value"])
        }
        let variable = try variable(line[..<equals].trimmed, line[line.utf8.index(after: equals)...].trimmed, indent + 1)
        let index = builder.addGroup(group)
        do { try builder.set(variable, group: index) } catch { throw self.error("inventory", error.message) }
    }

    private func variable(_ name: String, _ text: String, _ column: Int) throws(Diagnostic) -> LocatedVariable {
        let location = SourceLocation(file: file, line: line, column: column)
        do {
            return LocatedVariable(
                name: name, value: Located(try PythonLiteral.parse(text) ?? .string(text), at: location))
        } catch {
            throw self.error(
                "integer-too-large", "'\(text.prefix(40))' does not fit into a 64-bit integer", column: column,
                hints: ["quote it twice if it is a text: \"'...'\""])
        }
    }

    // MARK: Children

    private mutating func child(_ line: String) throws(Diagnostic) {
        let name = line.prefix { !$0.isWhitespace && $0 != ":" && $0 != "]" }
        let rest = line.dropFirst(name.count).trimmed
        guard !name.isEmpty, rest.isEmpty || rest.first == "#" else {
            throw error("inventory-group", "'\(line)' is no name of a group")
        }
        let child = String(name)
        if builder.group(child) != nil { return try addChild(child, to: group) }
        if let index = pendingIndex(child) {
            pending[index].1.parents.append(group)
        } else {
            pending.append((child, Pending(line: self.line, state: .children, parents: [group])))
        }
    }

    private mutating func addChild(_ child: String, to parent: String) throws(Diagnostic) {
        let indexes = (builder.addGroup(child), builder.addGroup(parent))
        do { try builder.addChild(indexes.0, to: indexes.1) } catch {
            throw self.error("inventory-loop", error.message)
        }
    }

    private func pendingIndex(_ name: String) -> Int? { pending.firstIndex { $0.name == name } }

    private mutating func addPending(_ name: String) throws(Diagnostic) {
        guard let index = pendingIndex(name) else { return }
        let parents = pending.remove(at: index).1.parents
        for parent in parents {
            try addChild(name, to: parent)
            if let waiting = pendingIndex(parent), pending[waiting].1.state == .children { try addPending(parent) }
        }
    }

    private mutating func checkPending() throws(Diagnostic) {
        guard let (name, first) = pending.first else { return }
        line = first.line
        let known = builder.inventory.groups.map(\.name)
        let hints = NearestName.hints(for: name, in: known.filter { $0 != name })
        if first.state == .vars {
            throw error("unknown-group", "[\(name):vars] is for a group that is declared nowhere", hints: hints)
        }
        throw error(
            "unknown-group",
            "[\(first.parents.last ?? ""):children] names the group '\(name)', which is declared nowhere", hints: hints)
    }
}

extension InventoryBuilder.Problem {
    var message: String {
        switch self {
        case .loop(let parent, let child): "'\(child)' can't be a child of '\(parent)', which is below it"
        case .intoItself(let name): "the group '\(name)' can't be its own child"
        case .empty(let what): "the name of a \(what) is empty"
        case .priority(let group): "the ansible_group_priority of '\(group)' must be an integer"
        case .tooManyHosts: "more than \(InventoryBuilder.maximumHosts) hosts"
        }
    }
}

/// Host names as INI and YAML inventories write them: with ranges and a port.
enum InventoryHosts {
    static func names(
        _ pattern: String, _ problem: (String) -> Diagnostic
    ) throws(Diagnostic) -> (names: [String], port: Int?) {
        // Most names are plain.
        if !pattern.utf8.contains(where: { $0 == UInt8(ascii: ":") || $0 == UInt8(ascii: "[") }) {
            return ([pattern], nil)
        }
        let parsed = HostAddress.parse(pattern, allowRanges: true)
        do {
            return (try HostRange.expand(parsed?.host ?? pattern), parsed?.port)
        } catch {
            throw problem(error.message)
        }
    }
}
