import Foundation
import OpsCore
import OpsKeys
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
                try Self.run(term).pythonLines.map { .string(String($0)) }
            }
        }
        environment.addLookup("template") { try eachTerm($0, template) }
        environment.addLookup("password") {
            try eachTerm($0) { call, term in [try PasswordLookup(files: project).value(term, call)] }
        }
        let tables = TableLookups { call, name in
            let path = try search(call, .files).require(name, at: nil)
            return (try files.text(path), files.display(path))
        }
        environment.addLookup("csvfile") { try eachTerm($0, tables.csvfile) }
        environment.addLookup("ini") { try eachTerm($0, tables.ini) }
        environment.addLookup("unvault") { try eachTerm($0, unvault) }
        environment.addLookup("inventory_hostnames") { call in try inventoryHostnames(call) }
        for (name, hint) in Self.refused {
            environment.addLookup(name) { _ in throw Self.refusal(of: name, hint) }
        }
        environment.bcrypt = { Bcrypt.hash(password: $0, salt: $1, cost: $2) }
        environment.decodeYAML = { text in try project.documents(text, file: "from_yaml") }
    }

    /// Ansible's lookups that are not offered, with what to do instead.
    static let refused = [
        "config": "opsctl has no ansible.cfg: its settings are in opsctl.yml and on the command line",
        "url": "fetch with a step: 'uri' with 'register' and 'return_content: true', or 'get_url'",
    ]

    static func refusal(of name: String, _ hint: String) -> Diagnostic {
        Diagnostic(code: "unsupported-lookup", "the lookup '\(name)' is not supported", hints: [hint])
    }

    /// Names of all lookups, the refused ones among them.
    static let names: Set<String> = {
        var environment = TemplateEnvironment()
        Lookups(files: ProjectFiles(root: "/")).add(to: &environment)
        return Set(environment.lookupNames)
    }()

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

    private func unvault(_ call: FunctionCall, _ name: String) throws -> [Value] {
        let path = try search(call, .files).require(name, at: nil)
        let text = try files.text(path)
        guard text.hasPrefix("$ANSIBLE_VAULT") else { return [.string(text)] }
        return [.secret(try Templar(files: files).decrypt(text, SourceLocation(file: files.display(path))))]
    }

    /// Hosts that patterns select; none if a pattern is wrong, as in Ansible.
    private func inventoryHostnames(_ call: FunctionCall) throws -> [Value] {
        guard let scope = call.scope as? StepScope else { return [] }
        let patterns = call.arguments.flatMap { $0.list ?? [$0] }.compactMap(\.string)
        var ignored: [Diagnostic] = []
        let hosts = try? scope.host.inventory.inventory.hosts(
            matching: patterns.joined(separator: ","), warnings: &ignored)
        return (hosts ?? []).map { .string($0) }
    }

    /// Options of `template` that change how the file is read.
    private static var delimiters: [(String, WritableKeyPath<TemplateSyntax, String>)] {
        [
            ("variable_start_string", \.variableStart), ("variable_end_string", \.variableEnd),
            ("comment_start_string", \.commentStart), ("comment_end_string", \.commentEnd),
        ]
    }

    private func template(_ call: FunctionCall, _ name: String) throws -> [Value] {
        let search = search(call, .templates)
        let path = try search.require(name, at: nil)
        var environment = call.environment.including(from: TemplateSearch(search, beside: path, files: files))
        for (option, field) in Self.delimiters { if let text = call.options[option]?.string { environment.syntax[keyPath: field] = text } }
        let template = try Template(source: try files.text(path), file: files.display(path), environment: environment)
        guard let more = call.options["template_vars"]?.map, let scope = call.scope as? StepScope else {
            return [try template.render(call.scope)]
        }
        let pairs = more.compactMap { key, value in key.string.map { ($0, value) } }
        return [try template.render(scope.adding(Dictionary(pairs, uniquingKeysWith: { $1 })))]
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
        let directories = firstFoundDirectories(call)
        for name in candidates {
            let paths = name.hasPrefix("/") || name.hasPrefix("~/") ? [name] : directories.map { "\($0)/\(name)" }
            if let found = paths.first(where: { files.exists($0) }) { return [.string(files.absolute(found))] }
        }
        if isSkipped { return [] }
        throw Diagnostic(
            code: "file-not-found", "none of these files is there: \(candidates.joined(separator: ", "))",
            hints: ["'skip: true' or errors='ignore' makes that fine"])
    }

    /// `with_first_found` looks where the step's module takes its files from; a call looks beside the step first.
    private func firstFoundDirectories(_ call: FunctionCall) -> [String] {
        let module = (call.scope as? StepScope)?.step?.module ?? ""
        let kind: FileSearch.Kind = module.contains("template") ? .templates : module.contains("var") ? .vars : .files
        let own = search(call, kind).directories
        if call.options[Self.fromLoop] == true { return own }
        let bare = own.filter { !$0.hasSuffix("/" + kind.rawValue) }
        let others = [FileSearch.Kind.files, .templates, .vars, .tasks].flatMap { search(call, $0).directories }
        return bare + others.filter { !bare.contains($0) }
    }

    /// The option that tells `first_found` that it is called by `with_first_found`.
    static let fromLoop = "opsctl_from_loop"

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
