import OpsCore
import OpsYAML

/// Reads the keywords of a play, block or step.
struct KeywordReader {
    enum Level { case play, block, step }

    /// Keywords that hold one value, and where it is kept.
    private static var single: [(String, WritableKeyPath<Keywords, Located?>)] {
        [
            ("ignore_errors", \.ignoreErrors), ("ignore_unreachable", \.ignoreUnreachable), ("become", \.become),
            ("become_user", \.becomeUser), ("become_method", \.becomeMethod), ("become_flags", \.becomeFlags),
            ("become_exe", \.becomeExe), ("run_once", \.runOnce), ("check_mode", \.checkMode), ("diff", \.diff),
            ("no_log", \.noLog), ("timeout", \.timeout), ("any_errors_fatal", \.anyErrorsFatal),
            ("connection", \.connection), ("remote_user", \.remoteUser),
        ]
    }

    /// Ansible's keywords that change nothing here; taken, and not looked at.
    private static let ignored = [
        "collections", "debugger", "throttle", "port", "strategy", "fact_path", "gather_timeout",
    ]

    private static let unsupported = [
        "async": "steps wait with a deadline: use 'timeout'", "poll": "steps wait with a deadline: use 'timeout'",
        "module_defaults": "write the arguments at the steps, or use variables",
    ]

    /// One connection per host serves all its steps.
    private static let ofPlays = [
        "connection": "for a step on this machine write 'delegate_to: localhost'",
        "remote_user": "set ansible_user for the host, or 'become_user' at the step",
    ]

    static func read(_ reader: inout MappingReader, _ level: Level) -> Keywords {
        var keywords = Keywords()
        for (name, field) in single { keywords[keyPath: field] = present(&reader, name) }
        for name in ignored { _ = reader.node(name) }
        for (name, hint) in unsupported {
            guard let node = reader.node(name) else { continue }
            reader.add(node, "unsupported-keyword", "'\(name)' is not supported", hints: [hint])
        }
        keywords.tags = reader.strings("tags") ?? []
        keywords.environment = environment(&reader)
        if level == .play { return keywords }
        for (name, hint) in ofPlays {
            guard let node = reader.node(name) else { continue }
            reader.add(node, "unsupported-keyword", "'\(name)' is for plays and hosts, not for single steps", hints: [hint])
        }
        keywords.vars = variables(&reader, "vars")
        keywords.when = conditions(&reader, "when") ?? []
        keywords.notify = located(&reader, "notify")
        keywords.delegateTo = present(&reader, "delegate_to")
        keywords.delegateFacts = present(&reader, "delegate_facts")
        if level == .step { readStepOnly(&reader, &keywords) }
        return keywords
    }

    private static func readStepOnly(_ reader: inout MappingReader, _ keywords: inout Keywords) {
        keywords.register = name(&reader, "register")
        keywords.until = conditions(&reader, "until") ?? []
        keywords.retries = present(&reader, "retries")
        keywords.delay = present(&reader, "delay")
        keywords.changedWhen = conditions(&reader, "changed_when")
        keywords.failedWhen = conditions(&reader, "failed_when")
        keywords.listen = reader.strings("listen") ?? []
        keywords.barrier = reader.bool("barrier") ?? false
        keywords.loop = loop(&reader)
    }

    // MARK: Kinds of values

    private static func present(_ reader: inout MappingReader, _ name: String) -> Located? {
        guard let node = reader.node(name), !node.isNull else { return nil }
        return Located(node)
    }

    /// A condition or a list of conditions that all must hold. `true` and `false` are conditions, too.
    static func conditions(_ reader: inout MappingReader, _ name: String) -> [Located]? {
        guard let nodes = reader.list(name) else { return nil }
        for node in nodes {
            let isCondition = node.string != nil || node.scalar?.bool != nil
            if !isCondition {
                reader.add(node, "wrong-type", "a condition in '\(name)' must be an expression, not a \(node.kindName)")
            }
        }
        return nodes.map { Located($0) }
    }

    private static func located(_ reader: inout MappingReader, _ name: String) -> [Located] {
        (reader.list(name) ?? []).map { Located($0) }
    }

    /// Mappings, or texts that give one; later ones win.
    private static func environment(_ reader: inout MappingReader) -> [Located] {
        let nodes = reader.list("environment") ?? []
        for node in nodes where node.mapping == nil && node.string == nil {
            reader.add(node, "wrong-type", "'environment' must be a mapping, not a \(node.kindName)")
        }
        return nodes.map { Located($0) }
    }

    static func variables(_ reader: inout MappingReader, _ name: String) -> [LocatedVariable] {
        guard let node = reader.node(name) else { return [] }
        var found = DiagnosticCollector()
        let variables = LocatedVariable.list(node, subject: "'\(name)'", into: &found)
        for entry in node.mapping ?? [] { VariableName.check(entry.key, into: &found) }
        reader.add(contentsOf: found)
        return variables
    }

    private static func name(_ reader: inout MappingReader, _ keyword: String) -> String? {
        guard let node = reader.node(keyword), !node.isNull else { return nil }
        var found = DiagnosticCollector()
        VariableName.check(node, into: &found)
        reader.add(contentsOf: found)
        return node.string
    }

    // MARK: Loops

    private static func loop(_ reader: inout MappingReader) -> Loop? {
        var loops: [Loop] = []
        if let node = reader.node("loop") { loops.append(Loop(kind: .list, items: Located(node))) }
        for entry in reader.entries {
            guard let keyword = entry.key.string, keyword.hasPrefix("with_") else { continue }
            _ = reader.node(keyword)
            let name = lookupName(keyword.dropFirst("with_".count))
            if let hint = Lookups.refused[name] {
                reader.add(entry.key, "unsupported-loop", "'\(keyword)' is not supported", hints: [hint])
            } else if Lookups.names.contains(name) {
                loops.append(Loop(kind: .lookup(name), items: Located(entry.value)))
            } else {
                let known = Lookups.names.sorted().map { "with_" + $0 }
                let hints = NearestName.hints(for: keyword, in: known)
                reader.add(
                    entry.key, "unsupported-loop", "there is no loop '\(keyword)'",
                    hints: hints.isEmpty ? ["write loop: with a list"] : hints)
            }
        }
        if loops.count > 1 {
            reader.add(
                reader.node, "several-loops",
                "a step takes one loop, and this one has '\(loops[0].kind.keyword)' and '\(loops[1].kind.keyword)'")
        }
        guard let control = reader.node("loop_control"), var loop = loops.first else { return loops.first }
        readControl(control, into: &loop, &reader)
        return loop
    }

    /// Lookups may be written with the name of their collection.
    private static func lookupName(_ name: Substring) -> String {
        for prefix in ["ansible.builtin.", "ansible.legacy."] where name.hasPrefix(prefix) {
            return String(name.dropFirst(prefix.count))
        }
        return String(name)
    }

    private static func readControl(_ node: YAMLNode, into loop: inout Loop, _ outer: inout MappingReader) {
        var reader = MappingReader(node, subject: "'loop_control'")
        loop.variable = name(&reader, "loop_var") ?? loop.variable
        loop.indexVariable = name(&reader, "index_var")
        loop.label = present(&reader, "label")
        loop.pause = present(&reader, "pause")
        loop.extended = reader.bool("extended") ?? false
        _ = reader.node("extended_allitems")
        _ = reader.node("break_when").map { reader.add($0, "unsupported-keyword", "'break_when' is not supported") }
        reader.finish()
        outer.add(contentsOf: reader.diagnostics)
    }
}

/// What can be the name of a variable: a Python identifier that is no word of the template language.
enum VariableName {
    static func isValid(_ name: String) -> Bool {
        guard let first = name.unicodeScalars.first, first == "_" || first.properties.isXIDStart else { return false }
        return name.unicodeScalars.allSatisfy { $0.properties.isXIDContinue } && !reserved.contains(name)
    }

    private static let reserved: Set<String> = [
        "and", "or", "not", "in", "is", "if", "else", "for", "true", "false", "none", "True", "False", "None",
        "import", "from", "as", "with", "while", "def", "class", "return", "lambda", "pass", "try", "yield",
    ]

    static func check(_ node: YAMLNode, into diagnostics: inout DiagnosticCollector) {
        guard let name = node.string, !isValid(name) else { return }
        let suggestion = String(name.map { $0.isLetter || $0.isNumber ? $0 : "_" })
        diagnostics.add(
            Diagnostic(
                code: "variable-name", "'\(name)' can't be the name of a variable", at: node.location,
                hints: isValid(suggestion)
                    ? ["write '\(suggestion)'"] : ["use letters, digits and '_', not beginning with a digit"]))
    }
}
