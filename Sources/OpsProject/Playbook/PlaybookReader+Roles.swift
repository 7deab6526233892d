import OpsCore
import OpsYAML

extension PlaybookReader {
    /// The role and, before it, the roles it depends on, each with its files read.
    ///
    /// - Parameter parent: the role that depends on it.
    mutating func roles(
        _ reference: RoleReference, _ place: StepPlace, chain: [String], parent: RoleContext? = nil
    ) -> [Role] {
        guard let name = reference.name.value.string, let directory = roleDirectory(name, reference, place) else {
            return []
        }
        guard checkChain(chain, directory, at: reference.location) else { return [] }
        var role = Role(name: ProjectFiles.name(of: name), location: reference.location, directory: directory)
        role.isPublic = reference.isPublic
        role.defaults = variables(directory, "defaults", reference.defaultsFrom)
        role.vars = variables(directory, "vars", reference.varsFrom)
        role.parameters = reference.parameters
        role.inheritedParameters = parent?.parameters ?? []
        role.inheritedDefaults = parent?.defaults ?? []
        role.inheritedVars = parent?.vars ?? []
        role.keywords = reference.keywords.inside(place.outer)

        var inner = StepPlace(
            directory: directory + "/tasks", playDirectory: place.playDirectory, outer: role.keywords,
            chain: place.chain)
        let dependencies = dependencies(of: &role, inner, chain + [directory])
        role.inheritedDefaults = dependencies.flatMap(\.defaults) + role.inheritedDefaults
        role.inheritedVars = dependencies.flatMap(\.vars) + role.inheritedVars
        inner.role = role.context
        role.steps = steps(in: directory, "tasks", reference.tasksFrom, inner, reference)
        inner.directory = directory + "/handlers"
        role.handlers = steps(in: directory, "handlers", reference.handlersFrom, inner, nil).flattened
        return dependencies + [role]
    }

    private mutating func roleDirectory(_ name: String, _ reference: RoleReference, _ place: StepPlace) -> String? {
        let short = ModuleCatalogue.shortName(name)
        var candidates = ["\(place.playDirectory)/roles/\(short)", "\(files.root)/roles/\(short)"]
        if let role = place.role { candidates.append(ProjectFiles.directory(of: role.directory) + "/" + short) }
        candidates.append("\(place.playDirectory)/\(short)")
        if short.hasPrefix("/") { candidates = [short] }
        if let found = candidates.first(where: { files.isDirectory($0) }) { return files.absolute(found) }
        let known = files.names(in: place.playDirectory + "/roles") + files.names(in: "roles")
        report(
            reference.location, "unknown-role",
            "there is no role '\(name)' in \(files.display(place.playDirectory))/roles or roles",
            NearestName.hints(for: short, in: known))
        return nil
    }

    /// `part/main.yml` or the file named instead, in any of the forms that Ansible takes.
    private func roleFile(_ directory: String, _ part: String, _ name: String?) -> String? {
        let base = "\(directory)/\(part)/\(name ?? "main")"
        return ["", ".yml", ".yaml", ".json"].map { base + $0 }.first { files.exists($0) }
    }

    private mutating func variables(_ directory: String, _ part: String, _ name: String?) -> [LocatedVariable] {
        guard let path = roleFile(directory, part, name) else { return [] }
        guard files.isDirectory(path) else { return files.variables(path, into: &diagnostics) }
        return VarsFiles.paths(in: path, files).flatMap { files.variables($0, into: &diagnostics) }
    }

    private mutating func steps(
        in directory: String, _ part: String, _ name: String?, _ place: StepPlace, _ reference: RoleReference?
    ) -> [StepNode] {
        guard let path = roleFile(directory, part, name) else {
            if let name, let reference {
                report(
                    reference.location, "file-not-found", "the role has no \(part)/\(name).yml",
                    NearestName.hints(for: name + ".yml", in: files.names(in: "\(directory)/\(part)")))
            }
            return []
        }
        var inner = place
        inner.chain.append(files.absolute(path))
        return stepFile(path, inner, from: reference?.location)
    }

    private mutating func dependencies(of role: inout Role, _ place: StepPlace, _ chain: [String]) -> [Role] {
        guard let path = roleFile(role.directory, "meta", nil), let root = root(path, from: role.location) else {
            return []
        }
        var reader = MappingReader(root, subject: "a role's meta file")
        role.allowsDuplicates = reader.bool("allow_duplicates") ?? false
        var roles: [Role] = []
        for node in reader.list("dependencies") ?? [] {
            guard let reference = RoleReference(node, into: &diagnostics) else { continue }
            roles += self.roles(reference, place, chain: chain, parent: role.context)
        }
        for index in roles.indices {
            roles[index].isDependency = true
            roles[index].isPublic = role.isPublic
        }
        return roles
    }
}

extension ProjectFiles {
    /// The last part of a path.
    static func name(of path: String) -> String {
        path.split(separator: "/").last.map(String.init) ?? path
    }
}
