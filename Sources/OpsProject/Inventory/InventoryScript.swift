import Foundation
import OpsCore
import OpsProcess
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
        guard case .map(let groups) = try run(["--list"]) else { throw problem("it printed no mapping of groups") }
        var builder = builder
        var named = OrderedSet<String>()
        for (key, value) in groups where key != "_meta" {
            guard let name = key.string else { continue }
            try group(name, value, &builder, &named)
        }
        let known = groups["_meta"]?["hostvars"]
        if let meta = groups["_meta"], known?.map == nil {
            throw problem("its '_meta' holds no mapping 'hostvars' but \(meta.kindName)")
        }
        for host in named {
            let variables: Value = if let known { known[host] ?? .map([:]) } else { try run(["--host", host]) }
            guard let index = builder.inventory.hostIndex[host] else { continue }
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
        _ name: String, _ value: Value, _ builder: inout InventoryBuilder, _ named: inout OrderedSet<String>
    ) throws(Diagnostic) {
        let group = builder.addGroup(name)
        var data = value.map ?? ["hosts": value]
        // Without any of the three keys, the mapping is the variables of a host of that name.
        if value.map != nil, data["hosts"] == nil, data["vars"] == nil, data["children"] == nil {
            data = ["hosts": [.string(name)], "vars": value]
        }
        do {
            for host in try list(data["hosts"], "\(name).hosts") {
                named.append(host)
                try builder.addHost(host, to: group)
            }
            if let variables = data["vars"] {
                try set(variables, of: name) { (variable) throws(InventoryBuilder.Problem) in
                    try builder.set(variable, group: group)
                }
            }
            for child in try list(data["children"], "\(name).children") {
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

    private func list(_ value: Value?, _ what: String) throws(Diagnostic) -> [String] {
        guard let value else { return [] }
        guard case .list(let items) = value, items.allSatisfy({ $0.string != nil }) else {
            throw problem("'\(what)' must be a list of names, not \(value.kindName)")
        }
        return items.compactMap(\.string)
    }

    private func set(
        _ variables: Value, of name: String, _ body: (LocatedVariable) throws(InventoryBuilder.Problem) -> Void
    ) throws(Diagnostic) {
        guard case .map(let map) = variables else {
            throw problem("the variables of '\(name)' are a \(variables.kindName)")
        }
        for (key, value) in map {
            do {
                try body(LocatedVariable(name: key.string ?? "", value: Located(value, at: location)))
            } catch { throw problem(error.message) }
        }
    }

    // MARK: The process

    private func run(_ arguments: [String]) throws(Diagnostic) -> Value {
        let (output, errors) = try output(of: arguments)
        guard let text = String(validating: output, as: UTF8.self) else { throw problem("it printed no UTF-8 text") }
        if arguments.first == "--host", text.allSatisfy(\.isWhitespace) { return .map([:]) }
        do {
            return try JSONReader.parse(text)
        } catch {
            throw problem(
                "it printed no JSON: \(error.message) at byte \(error.offset + 1)",
                hints: errors.isEmpty ? [] : ["it said: \(errors)"])
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
