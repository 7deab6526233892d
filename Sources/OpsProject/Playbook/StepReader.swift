import OpsCore
import OpsYAML

/// Reads one step: which module it names, its arguments and its keywords.
struct StepReader {
    let catalogue: ModuleCatalogue
    var diagnostics = DiagnosticCollector()

    struct Parsed {
        var name: Located?
        var module: String
        var moduleLocation: SourceLocation
        var arguments: Arguments
        var keywords: Keywords
        /// The keywords that `apply` gives to included steps.
        var apply: YAMLNode?
    }

    /// nil if it can't be known which module is meant; that is reported.
    mutating func read(_ node: YAMLNode) -> Parsed? {
        var reader = MappingReader(node, subject: "a step")
        guard node.mapping != nil else {
            diagnostics.add(contentsOf: reader.diagnostics.diagnostics)
            return nil
        }
        let name = reader.node("name").map { Located($0) }
        var keywords = KeywordReader.read(&reader, .step)
        let extra = reader.node("args")
        let named = moduleEntry(&reader, &keywords)
        // Without a module, unknown keys were reported as such already.
        reader.finish(alsoKnown: named.candidates)
        diagnostics.add(contentsOf: reader.diagnostics.diagnostics)
        guard let entry = named.entry, let key = entry.key.string else { return nil }
        let module = ModuleCatalogue.shortName(key)
        var arguments = arguments(module, entry.value)
        if let extra { merge(extra, into: &arguments, module) }
        check(arguments, of: module)
        return Parsed(
            name: name, module: module, moduleLocation: entry.key.location, arguments: arguments, keywords: keywords,
            apply: entry.value["apply"] ?? extra?["apply"])
    }

    // MARK: The module

    private mutating func moduleEntry(
        _ reader: inout MappingReader, _ keywords: inout Keywords
    ) -> (entry: YAMLNode.Entry?, candidates: [String]) {
        if let entry = actionEntry(&reader, &keywords) { return (entry, catalogue.names) }
        let entries = reader.entries.filter { catalogue[ModuleCatalogue.shortName($0.key.string ?? "")] != nil }
        let keys = entries.compactMap(\.key.string)
        if keys.count > 1 {
            diagnostics.add(
                Diagnostic(
                    code: "several-modules",
                    "a step names one module, and this one names '\(keys[0])' and '\(keys[1])'",
                    at: entries[1].key.location, hints: ["make two steps of it"]))
        }
        if keys.isEmpty { reportMissingModule(&reader) }
        return (entries.first, keys)
    }

    /// `action: module args` and `local_action:`, which is also `delegate_to: localhost`.
    private mutating func actionEntry(_ reader: inout MappingReader, _ keywords: inout Keywords) -> YAMLNode.Entry? {
        let action = reader.node("action")
        let localAction = reader.node("local_action")
        guard let node = action ?? localAction else { return nil }
        if localAction != nil { keywords.delegateTo = Located(.string("localhost"), at: node.location) }
        if let text = node.string {
            let words = text.split(maxSplits: 1, whereSeparator: \.isWhitespace)
            let rest = words.count > 1 ? Value.string(String(words[1])) : .null
            return known(words.first.map(String.init) ?? "", node.location, YAMLNode(.scalar(rest), at: node.location))
        }
        guard let entries = node.mapping, let module = node["module"]?.string else {
            reader.add(node, "wrong-type", "'action' must be a text or a mapping with the key 'module'")
            return nil
        }
        let rest = entries.filter { $0.key.string != "module" }
        return known(module, node.location, YAMLNode(.mapping(rest), at: node.location))
    }

    private mutating func known(_ name: String, _ location: SourceLocation, _ value: YAMLNode) -> YAMLNode.Entry? {
        if catalogue[ModuleCatalogue.shortName(name)] == nil { reportUnknownModule(name, location) }
        return .init(key: YAMLNode(.scalar(.string(name)), at: location), value: value)
    }

    private mutating func reportMissingModule(_ reader: inout MappingReader) {
        let unknown = reader.unknownEntries
        // One key that is no keyword: most likely the module, misspelt or from a collection.
        let probable = unknown.first { NearestName.to($0.key.string ?? "", in: reader.knownNames) == nil }
        if let probable, let name = probable.key.string {
            _ = reader.node(name)
            reportUnknownModule(name, probable.key.location)
        } else if unknown.isEmpty {
            reader.add(
                reader.node, "no-module", "this step names no module", hints: ["say what it does, as with 'command:'"])
        }
    }

    private mutating func reportUnknownModule(_ name: String, _ location: SourceLocation) {
        let short = ModuleCatalogue.shortName(name)
        var hints = NearestName.hints(for: short, in: catalogue.names)
        if hints.isEmpty, short.contains("."), let last = short.split(separator: ".").last {
            hints =
                catalogue[String(last)] != nil
                ? ["opsctl has its own '\(last)': write it without the collection"]
                : ["collections' modules are not available"]
        }
        diagnostics.add(Diagnostic(code: "unknown-module", "unknown module '\(name)'", at: location, hints: hints))
    }

    // MARK: Arguments

    private mutating func arguments(_ module: String, _ node: YAMLNode) -> Arguments {
        if let entries = node.mapping { return Arguments(entries: argumentEntries(entries, module)) }
        guard let text = text(of: node) else {
            if !node.isNull {
                diagnostics.add(
                    Diagnostic(
                        code: "wrong-type",
                        "arguments of '\(module)' must be a mapping or a text, not a \(node.kindName)",
                        at: node.location))
            }
            return Arguments()
        }
        return shortForm(module, text, node)
    }

    private func text(of node: YAMLNode) -> String? {
        switch node.scalar {
        case .string(let text)?: text
        case .int(let number)?: String(number)
        case .double(let number)?: String(number)
        default: nil
        }
    }

    private mutating func argumentEntries(_ entries: [YAMLNode.Entry], _ module: String) -> [Arguments.Entry] {
        entries.compactMap { entry in
            guard let key = entry.key.string else {
                diagnostics.add(
                    Diagnostic(
                        code: "key-type", "an argument's name must be a text, not a \(entry.key.kindName)",
                        at: entry.key.location))
                return nil
            }
            return Arguments.Entry(key: key, keyLocation: entry.key.location, value: Located(entry.value))
        }
    }

    private mutating func shortForm(_ module: String, _ text: String, _ node: YAMLNode) -> Arguments {
        let entry = catalogue[module]
        let takesCommandLine = entry?.takesCommandLine == true
        let form = ShortForm(text) { key in
            takesCommandLine ? entry?.arguments?.contains(key) == true && key != "cmd" : VariableName.isValid(key)
        }
        if form.isUnbalanced, !takesCommandLine {
            diagnostics.add(
                Diagnostic(code: "unbalanced", "a quote or template brace is never closed", at: node.location))
        }
        var arguments = Arguments(
            entries: form.pairs.map {
                .init(key: $0.key, keyLocation: node.location, value: Located(.string($0.value), place: Place(node)))
            })
        let rest = form.rest.trimmed
        if !rest.isEmpty { addFreeText(takesCommandLine ? form.rest : rest, to: &arguments, module, node) }
        return arguments
    }

    private mutating func addFreeText(_ text: String, to arguments: inout Arguments, _ module: String, _ node: YAMLNode)
    {
        let located = Located(.string(text), place: Place(node))
        let entry = catalogue[module]
        if entry?.takesCommandLine == true || entry == nil {
            arguments.freeText = located
        } else if let name = entry?.textArgument {
            arguments.entries.append(.init(key: name, keyLocation: node.location, value: located))
        } else if text.hasPrefix("{{") {
            diagnostics.add(
                Diagnostic(
                    code: "templated-arguments", "a template for all arguments of '\(module)' is not supported",
                    at: node.location, hints: ["write each argument with its own template"]))
        } else {
            diagnostics.add(
                Diagnostic(
                    code: "free-text", "'\(module)' takes no free text", at: node.location,
                    hints: ["write its arguments as a mapping"]))
        }
    }

    private mutating func merge(_ extra: YAMLNode, into arguments: inout Arguments, _ module: String) {
        guard let entries = extra.mapping else {
            diagnostics.add(
                Diagnostic(code: "wrong-type", "'args' must be a mapping, not a \(extra.kindName)", at: extra.location))
            return
        }
        for entry in argumentEntries(entries, module) where arguments[entry.key] == nil {
            arguments.entries.append(entry)
        }
    }

    private mutating func check(_ arguments: Arguments, of module: String) {
        guard let names = catalogue[module]?.arguments else { return }
        for entry in arguments.entries where !names.contains(entry.key) {
            let near = NearestName.hints(for: entry.key, in: names.sorted())
            diagnostics.add(
                Diagnostic(
                    code: "unknown-argument", "unknown key '\(entry.key)' in module '\(module)'", at: entry.keyLocation,
                    hints: near.isEmpty ? ["it takes: \(names.sorted().joined(separator: ", "))"] : near))
        }
    }
}

extension StringProtocol {
    /// Without white space at both ends.
    var trimmed: String {
        var rest = self[...].drop { $0.isWhitespace }
        while rest.last?.isWhitespace == true { rest.removeLast() }
        return String(rest)
    }
}
