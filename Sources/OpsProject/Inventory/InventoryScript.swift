import Foundation
import OpsCore
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

    private func output(of arguments: [String]) throws(Diagnostic) -> (output: Data, errors: String) {
        let process: Process
        // Files instead of pipes: neither stream can block the other, and none has to be read while it runs.
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent("opsctl-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: directory) }
        let outputFile = directory.appendingPathComponent("stdout")
        let errorFile = directory.appendingPathComponent("stderr")
        do {
            try FileManager.default.createDirectory(
                at: directory, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
            for file in [outputFile, errorFile] { try Data().write(to: file) }
            process = try start(
                arguments, output: FileHandle(forWritingTo: outputFile), errors: FileHandle(forWritingTo: errorFile))
        } catch {
            throw problem(
                "it can't be run",
                hints: ["check its first line, as in #!/usr/bin/env python3, and that the program is there"])
        }
        try wait(process, outputFile)
        let errors = String(decoding: (try? Data(contentsOf: errorFile).prefix(2000)) ?? Data(), as: UTF8.self).trimmed
        guard process.terminationReason == .exit, process.terminationStatus == 0 else {
            let how = process.terminationReason == .exit ? "exit status" : "killed by signal"
            throw problem("\(how) \(process.terminationStatus)", hints: errors.isEmpty ? [] : ["it said: \(errors)"])
        }
        return ((try? Data(contentsOf: outputFile)) ?? Data(), errors)
    }

    /// Starts the program, a second and third time if need be: one that was written just now counts as busy while
    /// another thread is between `fork` and `exec` (ETXTBSY).
    private func start(_ arguments: [String], output: FileHandle, errors: FileHandle) throws -> Process {
        for pause in [0.05, 0.2, nil] {
            let process = Process()
            process.executableURL = URL(fileURLWithPath: path)
            process.arguments = arguments
            process.standardInput = FileHandle.nullDevice
            process.standardOutput = output
            process.standardError = errors
            do {
                try process.run()
                return process
            } catch {
                guard let pause else { throw error }
                Thread.sleep(forTimeInterval: pause)
            }
        }
        throw problem("it can't be run")
    }

    private func wait(_ process: Process, _ output: URL) throws(Diagnostic) {
        let clock = ContinuousClock()
        let end = clock.now + Self.deadline
        while process.isRunning {
            let attributes = try? FileManager.default.attributesOfItem(atPath: output.path)
            let isTooLarge = (attributes?[.size] as? Int ?? 0) > Self.maximumOutput
            if isTooLarge || clock.now > end {
                process.terminate()
                throw problem(
                    isTooLarge
                        ? "it printed more than \(Self.maximumOutput >> 20) MB"
                        : "it took longer than \(Self.deadline.brief)")
            }
            usleep(2000)
        }
    }
}
