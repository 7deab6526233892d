import OpsCore
import OpsYAML

extension PlaybookReader {
    /// The lists under any of these keys, one after the other.
    mutating func steps(_ reader: inout MappingReader, _ keys: [String], _ place: StepPlace) -> [StepNode] {
        var nodes: [StepNode] = []
        for key in keys {
            guard let node = reader.node(key), !node.isNull else { continue }
            nodes += steps(node, place, key)
        }
        return nodes
    }

    mutating func steps(_ node: YAMLNode, _ place: StepPlace, _ subject: String) -> [StepNode] {
        guard let items = node.sequence else {
            report(node.location, "wrong-type", "'\(subject)' must be a list of steps, not a \(node.kindName)")
            return []
        }
        return items.flatMap { step($0, place) }
    }

    /// A file that holds a list of steps.
    mutating func stepFile(_ path: String, _ place: StepPlace, from reference: SourceLocation?) -> [StepNode] {
        guard let root = root(path, from: reference) else { return [] }
        return steps(root, place, files.display(path))
    }

    private mutating func step(_ node: YAMLNode, _ place: StepPlace) -> [StepNode] {
        guard place.outerDepth < 100 else {
            report(node.location, "nested-too-deep", "blocks are nested too deep")
            return []
        }
        if node["block"] != nil { return [block(node, place)] }
        var reader = StepReader(catalogue: loader.catalogue)
        let parsed = reader.read(node)
        diagnostics.add(contentsOf: reader.diagnostics.diagnostics)
        guard let parsed else { return [] }
        switch parsed.module {
        case "import_tasks": return importedSteps(parsed, node, place)
        case "import_role": return importedRole(parsed, place)
        default: return [.step(step(parsed, node, place))]
        }
    }

    private mutating func step(_ parsed: StepReader.Parsed, _ node: YAMLNode, _ place: StepPlace) -> Step {
        var step = Step(
            id: nextID, location: node.location, name: parsed.name, module: parsed.module,
            moduleLocation: parsed.moduleLocation, arguments: parsed.arguments,
            keywords: parsed.keywords.inside(place.outer), directory: place.directory, role: place.role)
        nextID += 1
        if ["include_tasks", "include_role"].contains(parsed.module) {
            step.included = included(parsed, place)
        }
        return step
    }

    /// What the steps of a dynamic include start from: the keywords around it, its `vars` and its `apply`.
    private mutating func included(_ parsed: StepReader.Parsed, _ place: StepPlace) -> Keywords {
        var applied = Keywords()
        if let node = parsed.apply {
            var reader = MappingReader(node, subject: "'apply'")
            applied = KeywordReader.read(&reader, .block)
            reader.finish()
            diagnostics.add(contentsOf: reader.diagnostics.diagnostics)
        }
        applied.includeParameters = parsed.keywords.vars
        return applied.inside(place.outer)
    }

    // MARK: Blocks

    private mutating func block(_ node: YAMLNode, _ place: StepPlace) -> StepNode {
        var reader = MappingReader(node, subject: "a block")
        let name = reader.node("name").map { Located($0) }
        let keywords = KeywordReader.read(&reader, .block)
        var inner = place
        inner.outer = keywords.inside(place.outer)
        inner.outerDepth += 1
        let parts = ["block", "rescue", "always"].map { steps(&reader, [$0], inner) }
        reader.finish()
        diagnostics.add(contentsOf: reader.diagnostics.diagnostics)
        return .block(
            Block(
                location: node.location, name: name, keywords: inner.outer, block: parts[0], rescue: parts[1],
                always: parts[2]))
    }

    // MARK: Imports

    private mutating func importedSteps(_ parsed: StepReader.Parsed, _ node: YAMLNode, _ place: StepPlace) -> [StepNode]
    {
        guard let file = parsed.arguments["file"] else {
            report(parsed.moduleLocation, "missing-argument", "'import_tasks' needs the path of a file")
            return []
        }
        refuseLoop(parsed)
        let pathNode = YAMLNode(.scalar(file.value), at: file.location)
        guard let path = staticPath(pathNode, "import_tasks"),
            let found = find(path, place, at: file.location, kind: "tasks")
        else { return [] }
        guard checkChain(place.chain, found, at: file.location) else { return [] }
        var inner = place.entering(found, files)
        inner.outer = parsed.keywords.inside(place.outer)
        return stepFile(found, inner, from: file.location)
    }

    private mutating func importedRole(_ parsed: StepReader.Parsed, _ place: StepPlace) -> [StepNode] {
        guard let reference = RoleReference(parsed.arguments, isPublic: true, at: parsed.moduleLocation, into: &diagnostics)
        else { return [] }
        refuseLoop(parsed)
        guard reference.name.value.string?.contains("{{") != true else {
            report(
                reference.location, "templated-import", "'import_role' is read before variables are known",
                ["use 'include_role'"])
            return []
        }
        var inner = place
        inner.outer = parsed.keywords.inside(place.outer)
        let roles = roles(reference, inner, chain: place.chain)
        importedRoles += roles
        importedHandlers += roles.flatMap(\.handlers)
        return roles.flatMap(\.steps)
    }

    private mutating func refuseLoop(_ parsed: StepReader.Parsed) {
        guard parsed.keywords.loop != nil else { return }
        let dynamic = parsed.module.replacing("import_", with: "include_")
        report(
            parsed.moduleLocation, "loop-on-import",
            "'\(parsed.module)' can't be looped over: it is read before the run",
            ["use '\(dynamic)'"])
    }

    /// Looks for a file beside the step's own, in its role, and beside the playbook.
    mutating func find(_ path: String, _ place: StepPlace, at location: SourceLocation, kind: String) -> String? {
        if path.hasPrefix("/") {
            if files.exists(path) { return files.absolute(path) }
        } else {
            var directories = [place.directory]
            if let role = place.role { directories += [role.directory + "/" + kind, role.directory] }
            directories += [place.playDirectory + "/" + kind, place.playDirectory]
            for directory in directories where files.exists(directory + "/" + path) {
                return files.absolute(directory + "/" + path)
            }
        }
        let siblings = files.names(in: place.directory)
        report(location, "file-not-found", "there is no file '\(path)'", NearestName.hints(for: path, in: siblings))
        return nil
    }
}
