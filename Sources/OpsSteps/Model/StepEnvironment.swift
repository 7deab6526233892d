import OpsCore
import OpsProject
import OpsTemplate

/// What a module may use while it reads its arguments: variables, templates, local files.
///
/// It belongs to the task that prepares the step; what a module needs later it works out and keeps.
public struct StepEnvironment {
    public var mode: StepMode
    public var step: Step
    public var playDirectory: String
    /// The step's variables, resolved on use.
    public var scope: StepScope
    public var templar: Templar
    public var files: ProjectFiles
    /// What earlier steps of this run have put, or would put, on the host.
    public var planned: PlannedTrees

    public init(
        mode: StepMode, step: Step, playDirectory: String, scope: StepScope, templar: Templar, files: ProjectFiles,
        planned: PlannedTrees
    ) {
        self.mode = mode
        self.step = step
        self.playDirectory = playDirectory
        self.scope = scope
        self.templar = templar
        self.files = files
        self.planned = planned
    }

    /// What a local template is compiled and rendered with.
    func templates(for template: String) -> TemplateEnvironment {
        templar.environment.including(from: TemplateSearch(search(.templates), beside: template, files: files))
    }

    /// Where the step's local files are looked for.
    public func search(_ kind: FileSearch.Kind) -> FileSearch {
        FileSearch(kind, step: step, playDirectory: playDirectory, files: files)
    }
}

/// For whom and how a step is done.
public struct StepMode: Sendable, Hashable {
    /// Name in the inventory.
    public var host: String
    /// Look, don't touch.
    public var checkMode: Bool
    /// Show before and after of changed files.
    public var diff: Bool

    public init(host: String, checkMode: Bool, diff: Bool) {
        self.host = host
        self.checkMode = checkMode
        self.diff = diff
    }
}
