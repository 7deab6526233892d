import Foundation
import OpsCore
import OpsProcess
import OpsYAML
import OrderedCollections

/// Reads what executable inventory scripts print (`plugins/inventory/script.py`).
struct InventoryScript {
    /// How long a script may take, and how much it may print.
    static let deadline: Duration = .seconds(60)
    static let maximumOutput = 64 << 20

    let path: String
    let location: SourceLocation

    /// The builder with what `script --list` prints.
    func read(into builder: InventoryBuilder) throws(Diagnostic) -> InventoryBuilder {
        let root = try run(["--list"])
        guard let groups = root.mapping else { throw problem("it printed no mapping of groups") }
        var builder = builder
        var named = OrderedSet<String>()
        for group in groups where group.key.string != "_meta" {
            try self.group(group.key.string ?? "", group.value, &builder, &named)
        }
        let known = root["_meta"]?["hostvars"]
        if let meta = root["_meta"], known?.mapping == nil {
            throw problem("its '_meta' holds no mapping 'hostvars' but \(meta.kindName)")
        }
        let hostvars = known?.mapping.map { Dictionary($0.map { ($0.key.string, $0.value) }) { $1 } }
        for host in named {
            let variables = if let hostvars { hostvars[host] } else { try run(["--host", host]) }
            guard let variables, let index = builder.inventory.hostIndex[host] else { continue }
            try set(variables, of: host) { (variable) throws(InventoryBuilder.Problem) in
                try builder.set(variable, host: index)
            }
        }
        return builder
    }

    private func problem(_ message: String, hints: [String] = []) -> Diagnostic {
        Diagnostic(code: "inventory-script", "the inventory script failed: \(message)", at: location, hints: hints)
    }

    // MARK: Groups

    private func group(
        _ name: String, _ value: YAMLNode, _ builder: inout InventoryBuilder, _ named: inout OrderedSet<String>
    ) throws(Diagnostic) {
        let group = builder.addGroup(name)
        let sections = sections(of: value, group: name)
        do {
            for host in try list(sections["hosts"], "\(name).hosts") {
                named.append(host)
                try builder.addHost(host, to: group)
            }
            if let variables = sections["vars"] {
                try set(variables, of: name) { (variable) throws(InventoryBuilder.Problem) in
                    try builder.set(variable, group: group)
                }
            }
            for child in try list(sections["children"], "\(name).children") {
                try builder.addChild(builder.addGroup(child), to: group)
            }
        } catch let error as InventoryBuilder.Problem {
            throw problem(error.message)
        } catch let error as Diagnostic {
            throw error
        } catch {
            throw problem("\(error)")
        }
    }

    /// What is no mapping is the list of hosts; a mapping without any of the three keys is the variables of a host of
    /// the group's name.
    private func sections(of value: YAMLNode, group: String) -> [String: YAMLNode] {
        guard let entries = value.mapping else { return ["hosts": value] }
        let sections = Dictionary(entries.map { ($0.key.string ?? "", $0.value) }) { $1 }
        if ["hosts", "vars", "children"].contains(where: { sections[$0] != nil }) { return sections }
        let host = YAMLNode(.scalar(.string(group)), at: value.location)
        return ["hosts": YAMLNode(.sequence([host]), at: value.location), "vars": value]
    }

    private func list(_ value: YAMLNode?, _ what: String) throws(Diagnostic) -> [String] {
        guard let value else { return [] }
        guard let items = value.sequence, items.allSatisfy({ $0.string != nil }) else {
            throw problem("'\(what)' must be a list of names, not \(value.kindName)")
        }
        return items.compactMap(\.string)
    }

    private func set(
        _ variables: YAMLNode, of name: String, _ body: (LocatedVariable) throws(InventoryBuilder.Problem) -> Void
    ) throws(Diagnostic) {
        guard let entries = variables.mapping else {
            throw problem("the variables of '\(name)' are a \(variables.kindName)")
        }
        for entry in entries {
            let value = Located(entry.value.value, place: place(of: entry.value))
            do { try body(LocatedVariable(name: entry.key.string ?? "", value: value)) } catch { throw problem(error.message) }
        }
    }

    /// All that a script prints comes from the script; only encrypted and unsafe texts have places of their own.
    private func place(of node: YAMLNode) -> Place {
        var place = Place(location, handling: node.handling)
        let parts = (node.sequence ?? node.mapping?.map(\.value) ?? []).map(self.place)
        if parts.contains(where: { $0.handling != .plain || !$0.parts.isEmpty }) { place.parts = parts }
        return place
    }

    // MARK: The process

    private func run(_ arguments: [String]) throws(Diagnostic) -> YAMLNode {
        let (output, errors) = try output(of: arguments)
        guard let text = String(validating: output, as: UTF8.self) else { throw problem("it printed no UTF-8 text") }
        if arguments.first == "--host", text.allSatisfy(\.isWhitespace) { return YAMLNode(.mapping([]), at: location) }
        do {
            return try JSONParser.parse(text, file: location.file).root
        } catch {
            let place = "line \(error.location.line), column \(error.location.column)"
            throw problem(
                "it printed no JSON: \(error.message) in \(place)", hints: errors.isEmpty ? [] : ["it said: \(errors)"])
        }
    }

    private func output(of arguments: [String]) throws(Diagnostic) -> (output: [UInt8], errors: String) {
        let result: LocalProgram.Result
        do throws(LocalProgram.Failure) { result = try start(arguments) } catch {
            switch error {
            case .notStarted:
                throw problem(
                    "it can't be run", hints: ["check its first line, as in #!/usr/bin/env python3, and that the program is there"])
            case .tooLong: throw problem("it took longer than \(Self.deadline.brief)")
            case .tooMuch: throw problem("it printed more than \(Self.maximumOutput >> 20) MB")
            }
        }
        let errors = String(decoding: result.errors.prefix(2000), as: UTF8.self).trimmed
        guard result.status == 0 else {
            throw problem("exit status \(result.status)", hints: errors.isEmpty ? [] : ["it said: \(errors)"])
        }
        return (result.output, errors)
    }

    /// Runs the program, a second and third time if need be: one that was written just now counts as busy while
    /// another thread is between `fork` and `exec` (ETXTBSY).
    private func start(_ arguments: [String]) throws(LocalProgram.Failure) -> LocalProgram.Result {
        let program = LocalProgram(
            [URL(filePath: path).path] + arguments, errors: .captured, deadline: Self.deadline, maximumOutput: Self.maximumOutput)
        for pause in [0.05, 0.2] {
            do throws(LocalProgram.Failure) { return try program.run() } catch {
                guard case .notStarted(let reason) = error, reason.code == ETXTBSY else { throw error }
                Thread.sleep(forTimeInterval: pause)
            }
        }
        return try program.run()
    }
}
