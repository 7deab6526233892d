import Foundation
import OpsCore
import OpsTemplate
import OpsYAML

/// The lookups that need the project: files, variables, the environment.
struct Lookups: Sendable {
    let files: ProjectFiles

    func add(to environment: inout TemplateEnvironment) {
        let project = files
        environment.addLookup("file") { try eachTerm($0) { call, term in try file(call, term) } }
        environment.addLookup("env") { call in try env(call) }
        environment.addLookup("fileglob") { try eachTerm($0, fileglob) }
        environment.addLookup("first_found") { call in try firstFound(call) }
        environment.addLookup("pipe") { try eachTerm($0) { call, term in [.string(try Self.run(term))] } }
        environment.addLookup("lines") {
            try eachTerm($0) { call, term in
                try Self.run(term).split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).map {
                    .string(String($0))
                }
            }
        }
        environment.addLookup("template") { try eachTerm($0, template) }
        environment.addLookup("password") {
            try eachTerm($0) { call, term in [try PasswordLookup(files: project).value(term, call)] }
        }
        environment.decodeYAML = { text in
            try project.parse(text, file: "from_yaml").root.map { [$0.value] } ?? []
        }
    }

    /// Runs the body for every term, which must be a text.
    private func eachTerm(
        _ call: FunctionCall, _ body: (FunctionCall, String) throws -> [Value]
    ) throws -> [Value] {
        try call.arguments.flatMap { $0.list ?? [$0] }.flatMap { term in
            guard let text = term.string else {
                throw Diagnostic(code: "lookup", "a lookup's term must be a text, not a \(term.kindName)")
            }
            return try body(call, text)
        }
    }

    private func search(_ call: FunctionCall, _ kind: FileSearch.Kind) -> FileSearch {
        let scope = call.scope as? StepScope
        return FileSearch(
            kind, step: scope?.step, playDirectory: scope?.host.currentPlay?.directory ?? files.root, files: files)
    }

    // MARK: Files

    private func file(_ call: FunctionCall, _ name: String) throws -> [Value] {
        let path = try search(call, .files).require(name, at: nil)
        let text = try files.text(path)
        if text.hasPrefix("$ANSIBLE_VAULT") {
            let plain = try Templar(files: files).decrypt(text, SourceLocation(file: files.display(path)))
            return [.secret(plain)]
        }
        let rightStripped = call.options["rstrip"]?.bool ?? true
        var result = text[...]
        while rightStripped, result.last?.isWhitespace == true { result.removeLast() }
        if call.options["lstrip"]?.bool == true { result = result.drop { $0.isWhitespace } }
        return [.string(String(result))]
    }

    private func template(_ call: FunctionCall, _ name: String) throws -> [Value] {
        let path = try search(call, .templates).require(name, at: nil)
        let template = try Template(
            source: try files.text(path), file: files.display(path), environment: call.environment)
        return [try template.render(call.scope)]
    }

    private func fileglob(_ call: FunctionCall, _ pattern: String) throws -> [Value] {
        let name = ProjectFiles.name(of: pattern)
        let parent = pattern.contains("/") ? ProjectFiles.directory(of: pattern) : ""
        let directories =
            pattern.hasPrefix("/")
            ? [parent] : search(call, .files).directories.map { parent.isEmpty ? $0 : "\($0)/\(parent)" }
        guard let directory = directories.first(where: { files.isDirectory($0) }) else { return [] }
        let matcher = try NamePattern(name)
        return files.names(in: directory)
            .filter {
                matcher.matches($0) && ($0.first != "." || name.first == ".")
                    && !files.isDirectory("\(directory)/\($0)")
            }
            .map { .string(files.absolute("\(directory)/\($0)")) }
    }

    /// Terms are names, or mappings with `files` and `paths`.
    private func firstFound(_ call: FunctionCall) throws -> [Value] {
        var candidates: [String] = []
        var isSkipped = call.options["skip"]?.bool ?? false
        let terms = call.arguments.flatMap { $0.list ?? [$0] }
        for term in terms {
            if let name = term.string { candidates.append(name) }
            guard case .map = term else { continue }
            let names = texts(term["files"])
            let paths = texts(term["paths"])
            candidates +=
                paths.isEmpty ? names : paths.flatMap { path in names.isEmpty ? [path] : names.map { "\(path)/\($0)" } }
            if term["skip"]?.bool == true { isSkipped = true }
        }
        candidates += texts(call.options["files"])
        for kind in [FileSearch.Kind.files, .templates, .vars, .tasks] {
            if let found = candidates.lazy.compactMap({ search(call, kind).find($0) }).first { return [.string(found)] }
        }
        if isSkipped { return [] }
        throw Diagnostic(
            code: "file-not-found", "none of these files is there: \(candidates.joined(separator: ", "))",
            hints: ["'skip: true' or errors='ignore' makes that fine"])
    }

    private func texts(_ value: Value?) -> [String] {
        guard let value else { return [] }
        return (value.list ?? [value]).compactMap(\.string).flatMap {
            $0.split { ",;".contains($0) }.map(\.trimmed)
        }
    }

    // MARK: Values

    private func env(_ call: FunctionCall) throws -> [Value] {
        try eachTerm(call) { call, name in
            if let value = ProcessInfo.processInfo.environment[name] { return [.string(value)] }
            return [call.options["default"] ?? .string("")]
        }
    }

    /// The output of a local command, as Ansible's `pipe`.
    private static func run(_ command: String) throws -> String {
        try LocalCommand(command).output()
    }
}
