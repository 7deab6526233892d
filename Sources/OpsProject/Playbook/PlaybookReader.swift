import OpsCore
import OpsYAML

/// One load of a playbook: hands out step ids and collects findings.
struct PlaybookReader {
    let loader: PlaybookLoader
    var nextID: Int
    var diagnostics = DiagnosticCollector()
    /// Of the roles that the current play imports by steps.
    var importedHandlers: [Step] = []
    var importedRoles: [Role] = []

    var files: ProjectFiles { loader.files }

    init(loader: PlaybookLoader, firstID: Int = 1) {
        self.loader = loader
        nextID = firstID
    }

    /// Reads a playbook file.
    ///
    /// - Parameters:
    ///   - outer: what the `import_playbook` that led here adds to every step.
    ///   - chain: the playbooks being read, outermost first.
    mutating func plays(_ path: String, outer: Keywords, chain: [String], from reference: SourceLocation?) -> [Play] {
        let absolute = files.absolute(path)
        guard checkChain(chain, absolute, at: reference), let root = root(absolute, from: reference) else { return [] }
        guard let items = root.sequence else {
            report(
                root.location, "wrong-type", "a playbook must be a list of plays, not a \(root.kindName)",
                ["begin the play with '- hosts:'"])
            return []
        }
        return items.flatMap { item in
            item["import_playbook"] != nil || item["ansible.builtin.import_playbook"] != nil
                ? importedPlays(item, outer: outer, chain: chain + [absolute])
                : play(item, path: absolute, outer: outer).map { [$0] } ?? []
        }
    }

    private mutating func importedPlays(_ node: YAMLNode, outer: Keywords, chain: [String]) -> [Play] {
        var reader = MappingReader(node, subject: "'import_playbook'")
        _ = reader.node("name")
        let target = reader.node("import_playbook") ?? reader.node("ansible.builtin.import_playbook")
        let keywords = KeywordReader.read(&reader, .block).inside(outer)
        reader.finish()
        diagnostics.add(contentsOf: reader.diagnostics.diagnostics)
        guard let target, let path = staticPath(target, "import_playbook") else { return [] }
        let directory = ProjectFiles.directory(of: chain.last ?? "")
        return plays(
            path.hasPrefix("/") ? path : directory + "/" + path, outer: keywords, chain: chain, from: target.location)
    }

    // MARK: Plays

    private mutating func play(_ node: YAMLNode, path: String, outer: Keywords) -> Play? {
        var reader = MappingReader(node, subject: "a play")
        let directory = ProjectFiles.directory(of: path)
        let hosts = reader.node("hosts")
        var play = Play(
            location: node.location, hosts: hostPattern(hosts, node), directory: directory)
        play.playbook = files.display(path)
        play.name = reader.node("name").map { Located($0) }
        play.keywords = KeywordReader.read(&reader, .play).inside(outer)
        play.vars = KeywordReader.variables(&reader, "vars")
        readSettings(&reader, &play)
        readRoles(&reader, &play)
        let place = StepPlace(directory: directory, playDirectory: directory, outer: play.keywords)
        play.preSteps = steps(&reader, ["pre_tasks", "pre_steps"], place)
        play.steps = steps(&reader, ["tasks", "steps"], place)
        play.postSteps = steps(&reader, ["post_tasks", "post_steps"], place)
        play.handlers = importedHandlers + steps(&reader, ["handlers"], place).flattened
        play.importedRoles = importedRoles
        (importedHandlers, importedRoles) = ([], [])
        reader.finish()
        diagnostics.add(contentsOf: reader.diagnostics.diagnostics)
        return hosts == nil || node.mapping == nil ? nil : play
    }

    /// A list of patterns is joined by commas.
    private mutating func hostPattern(_ node: YAMLNode?, _ play: YAMLNode) -> Located {
        guard let node, !node.isNull else {
            if play.mapping != nil {
                report(
                    play.location, "no-hosts", "this play has no 'hosts'", ["say where it runs, as with 'hosts: all'"])
            }
            return Located("", at: play.location)
        }
        if let items = node.sequence {
            return Located(.string(items.compactMap(\.string).joined(separator: ",")), at: node.location)
        }
        return Located(node)
    }

    private mutating func readSettings(_ reader: inout MappingReader, _ play: inout Play) {
        play.varsFiles = (reader.list("vars_files") ?? []).map { Located($0) }
        play.gatherFacts = gatherFacts(&reader)
        play.serial = (reader.list("serial") ?? []).map { Located($0) }
        play.maxFailPercentage = reader.node("max_fail_percentage").map { Located($0) }
        play.order = reader.choice("order") ?? .inventory
        play.forceHandlers = reader.bool("force_handlers") ?? false
        _ = reader.node("gather_subset")
        play.prompts = (reader.list("vars_prompt") ?? []).compactMap { VarsPrompt($0, into: &diagnostics) }
    }

    /// `smart` is what we do anyway.
    private func gatherFacts(_ reader: inout MappingReader) -> Bool? {
        reader.node("gather_facts")?.string == "smart" ? nil : reader.bool("gather_facts")
    }

    private mutating func readRoles(_ reader: inout MappingReader, _ play: inout Play) {
        let place = StepPlace(directory: play.directory, playDirectory: play.directory, outer: play.keywords)
        for node in reader.list("roles") ?? [] {
            guard let reference = RoleReference(node, into: &diagnostics) else { continue }
            play.roles += roles(reference, place, chain: [])
        }
        play.roles = Self.withoutRepeats(play.roles)
    }

    /// A role that is applied twice with the same parameters runs once, unless it allows more.
    private static func withoutRepeats(_ roles: [Role]) -> [Role] {
        var kept: [Role] = []
        for role in roles {
            let isRepeated = kept.contains { $0.directory == role.directory && $0.parameters == role.parameters }
            if !isRepeated || role.allowsDuplicates { kept.append(role) }
        }
        return kept
    }

    // MARK: Reading and reporting

    /// The root of a YAML file; nil if it is empty or can't be read.
    mutating func root(_ path: String, from reference: SourceLocation?) -> YAMLNode? {
        do {
            let document = try files.yaml(path, from: reference).document
            diagnostics.add(contentsOf: document.warnings)
            return document.root.flatMap { $0.isNull ? nil : $0 }
        } catch {
            diagnostics.add(contentsOf: error.diagnostics)
            return nil
        }
    }

    mutating func report(_ location: SourceLocation, _ code: String, _ message: String, _ hints: [String] = []) {
        diagnostics.add(Diagnostic(code: code, message, at: location, hints: hints))
    }

    /// False, and reported, if `path` is being read already or the chain is too long.
    mutating func checkChain(_ chain: [String], _ path: String, at reference: SourceLocation?) -> Bool {
        guard chain.contains(path) || chain.count >= 50 else { return true }
        let names = (chain + [path]).map { files.display($0) }.joined(separator: " -> ")
        diagnostics.add(
            Diagnostic(
                code: "import-cycle",
                chain.contains(path) ? "files import each other: \(names)" : "imports are nested too deep",
                at: reference))
        return false
    }

    /// A path in an import, which is read before any variable is known.
    mutating func staticPath(_ node: YAMLNode, _ keyword: String) -> String? {
        guard let path = node.string else {
            report(node.location, "wrong-type", "'\(keyword)' takes a path, not a \(node.kindName)")
            return nil
        }
        if path.contains("{{") {
            let dynamic = keyword.replacing("import_", with: "include_")
            report(
                node.location, "templated-import", "'\(keyword)' is read before variables are known",
                keyword == "import_playbook" ? ["write the path out"] : ["use '\(dynamic)'"])
            return nil
        }
        return path
    }
}

extension ProjectFiles {
    static func directory(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }
}

extension StepNode {
    /// Handlers stand in a flat list: blocks only add keywords, which the steps have already.
    fileprivate var handlers: [Step] {
        switch self {
        case .step(let step): [step]
        case .block(let block): (block.block + block.rescue + block.always).flatMap(\.handlers)
        }
    }
}

extension [StepNode] {
    var flattened: [Step] { flatMap(\.handlers) }
}
