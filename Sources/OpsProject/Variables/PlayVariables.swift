import OpsCore

/// Variables that a play and its roles set, with the files that they name.
public struct PlayVariables: Sendable {
    public let play: Play
    let defaults: [VariableLayer]
    let vars: VariableLayer
    let prompted: VariableLayer
    let roleVars: [VariableLayer]
    /// Entries of `vars_files` in order.
    private(set) var files: [VarsFile]

    enum VarsFile: Sendable {
        case loaded(VariableLayer)
        /// The path depends on variables: one or several, of which the first that exists is taken.
        case dynamic([Located])
    }

    /// Reads the files whose paths are fixed; others are read when a host enters the play.
    public init(_ play: Play, files projectFiles: ProjectFiles, into diagnostics: inout DiagnosticCollector) {
        self.play = play
        let exposed = (play.roles + play.importedRoles).filter(\.isPublic)
        defaults = exposed.map { VariableLayer(.roleDefaults, $0.defaults) }
        vars = VariableLayer(.play, play.vars)
        prompted = VariableLayer(.varsPrompt, play.prompts.compactMap(\.variable))
        roleVars = exposed.map { VariableLayer(.role, $0.vars) }
        files = []
        for entry in play.varsFiles {
            let paths = entry.items
            if paths.contains(where: { $0.value.string?.contains("{{") == true }) {
                files.append(.dynamic(paths))
                continue
            }
            let names = paths.compactMap(\.value.string)
            if let layer = Self.load(names, play, projectFiles, at: entry.location, &diagnostics) {
                files.append(.loaded(layer))
            }
        }
    }

    /// The first file of these that exists; none is an error.
    static func load(
        _ names: [String], _ play: Play, _ files: ProjectFiles, at location: SourceLocation,
        _ diagnostics: inout DiagnosticCollector
    ) -> VariableLayer? {
        for name in names {
            let candidates =
                name.hasPrefix("/") ? [name] : ["\(play.directory)/vars/\(name)", "\(play.directory)/\(name)"]
            guard let found = candidates.first(where: { files.exists($0) }) else { continue }
            return VariableLayer(.varsFiles, files.variables(found, from: location, into: &diagnostics))
        }
        let known = names.first.map { files.names(in: ProjectFiles.directory(of: "\(play.directory)/\($0)")) } ?? []
        diagnostics.add(
            Diagnostic(
                code: "file-not-found", "there is no file '\(names.joined(separator: "', '"))'", at: location,
                hints: NearestName.hints(for: ProjectFiles.name(of: names.first ?? ""), in: known)))
        return nil
    }
}
