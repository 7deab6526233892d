import OpsCore
import OpsYAML

/// Loads playbooks with everything they import, and reports all that is wrong with them.
///
/// Nothing is rendered and nothing but files is read.
public struct PlaybookLoader: Sendable {
    let files: ProjectFiles
    let catalogue: ModuleCatalogue

    public init(files: ProjectFiles, catalogue: ModuleCatalogue) {
        self.files = files
        self.catalogue = catalogue
    }

    /// Loads a playbook; what could not be understood is left out and reported.
    public func load(_ path: String, into diagnostics: inout DiagnosticCollector) -> Playbook {
        var reader = PlaybookReader(loader: self)
        let plays = reader.plays(path, outer: Keywords(), chain: [], from: nil)
        diagnostics.add(contentsOf: reader.diagnostics.diagnostics)
        return Playbook(path: files.display(path), plays: plays)
    }

    /// Loads the file of an `include_tasks`, whose name is rendered by now.
    ///
    /// - Parameters:
    ///   - path: as written; looked for beside the step's file, in its role and beside the playbook.
    ///   - firstID: the first free step id.
    public func includedSteps(
        _ path: String, by step: Step, in play: Play, firstID: Int, into diagnostics: inout DiagnosticCollector
    ) -> [StepNode] {
        var reader = PlaybookReader(loader: self, firstID: firstID)
        let place = StepPlace(step, play)
        let found = reader.find(path, place, at: step.location, kind: "tasks")
        let nodes = found.map { reader.stepFile($0, place.entering($0, files), from: step.location) } ?? []
        diagnostics.add(contentsOf: reader.diagnostics.diagnostics)
        return nodes
    }

    /// Loads the role of an `include_role`, whose arguments are rendered by now.
    public func includedRole(
        _ reference: RoleReference, by step: Step, in play: Play, firstID: Int,
        into diagnostics: inout DiagnosticCollector
    ) -> [Role] {
        var reader = PlaybookReader(loader: self, firstID: firstID)
        let roles = reader.roles(reference, StepPlace(step, play), chain: [])
        diagnostics.add(contentsOf: reader.diagnostics.diagnostics)
        return roles
    }
}

/// Where steps stand: what is around them and where their files are looked for.
struct StepPlace {
    /// Of the file that is being read.
    var directory: String
    var playDirectory: String
    var role: RoleContext?
    /// Keywords of everything around.
    var outer: Keywords
    /// Files that are being read, outermost first.
    var chain: [String] = []
    /// How many blocks are around.
    var outerDepth = 0

    init(directory: String, playDirectory: String, role: RoleContext? = nil, outer: Keywords, chain: [String] = []) {
        self.directory = directory
        self.playDirectory = playDirectory
        self.role = role
        self.outer = outer
        self.chain = chain
    }

    /// Where the steps that a dynamic include reads stand.
    init(_ step: Step, _ play: Play) {
        self.init(
            directory: step.directory, playDirectory: play.directory, role: step.role,
            outer: step.included ?? step.keywords)
    }

    func entering(_ file: String, _ files: ProjectFiles) -> StepPlace {
        var inner = self
        inner.directory = ProjectFiles.directory(of: files.absolute(file))
        inner.chain.append(file)
        return inner
    }
}
