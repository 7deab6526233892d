import Foundation
import OpsCore
import OpsProject
import OpsTemplate

/// The variables that `opsctl render` gives to a template: those of a host of an environment, or only those of `-e`.
struct RenderScope {
    var variables: StepScope
    var redactor: Redactor
    private var templar: Templar
    private var files: ProjectFiles
    /// Where templates are looked for; nil without a playbook.
    private var search: FileSearch?

    init(environment: String?, host: String?, playbook: String?, place: EnvironmentOptions) throws {
        let isBare = environment == nil && host == nil && playbook == nil && place.inventory.isEmpty
        var place = place
        if isBare { place.inventory = ["localhost,"] }
        let workspace = try Workspace.load(environment, place, opensSecrets: !isBare)
        let name = try host ?? workspace.hosts(limit: workspace.limit)[0]
        guard workspace.inventory.inventory[host: name] != nil else {
            throw CommandFailure(Diagnostic(
                code: "unknown-host", "there is no host '\(name)'",
                hints: NearestName.hints(for: name, in: workspace.inventory.inventory.hosts.map(\.name))), status: .usage)
        }
        let store = workspace.variables()
        files = workspace.files
        if let playbook {
            let play = try Self.play(playbook, name, workspace)
            try store.begin(play, hosts: [name], batch: [name], files: files)
            search = FileSearch(.templates, step: nil, playDirectory: play.directory, files: files)
        }
        variables = store.scope(name)
        templar = workspace.templar
        redactor = workspace.redactor
    }

    /// What a template is compiled and rendered with.
    /// - Parameter path: absolute; what it includes is looked for beside it, too.
    func templates(for path: String) -> TemplateEnvironment {
        templar.environment.including(from: TemplateSearch(search, beside: path, files: files))
    }

    /// The first play of the playbook that the host is in.
    private static func play(_ playbook: String, _ host: String, _ workspace: Workspace) throws -> Play {
        var findings = DiagnosticCollector()
        let loader = PlaybookLoader(files: workspace.files, catalogue: workspace.modules.catalogue)
        let loaded = loader.load(try workspace.project.playbook(playbook), into: &findings)
        try findings.throwIfErrors()
        var warnings: [Diagnostic] = []
        let play = try loaded.plays.first { play in
            try workspace.inventory.inventory.hosts(matching: play.hosts.value.string ?? "all", warnings: &warnings).contains(host)
        }
        guard let play else {
            throw CommandFailure(Diagnostic(code: "no-play", "no play of '\(playbook)' has the host '\(host)'"), status: .usage)
        }
        return play
    }
}
