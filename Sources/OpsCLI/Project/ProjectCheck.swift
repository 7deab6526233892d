import OpsCore
import OpsProject
import OpsSteps

/// Checks what can be known of a playbook without a host: the syntax of every template and condition, and the
/// arguments that don't depend on variables.
struct ProjectCheck {
    var workspace: Workspace
    var playbook: Playbook

    /// Whether a YAML file is a playbook: a list whose entries have `hosts` or import one. Files of steps aren't.
    static func isPlaybook(_ path: String, _ files: ProjectFiles) -> Bool {
        guard let root = try? files.yaml(path).document.root, let entries = root.sequence else { return true }
        return entries.contains { $0["hosts"] != nil || $0["import_playbook"] != nil || $0["ansible.builtin.import_playbook"] != nil }
    }

    func run(into findings: inout DiagnosticCollector) {
        let variables = VariableCheck(
            playbook, inventory: workspace.inventory, run: workspace.given, templar: workspace.templar,
            loader: PlaybookLoader(files: workspace.files, catalogue: workspace.modules.catalogue))
        for play in playbook.plays {
            workspace.inventory.load(playbookDirectory: play.directory, files: workspace.files, into: &findings)
            for variable in play.vars { workspace.templar.check(variable.value, into: &findings) }
            let nodes = play.preSteps + play.roles.flatMap(\.steps) + play.steps + play.postSteps + play.handlers.map(StepNode.step)
            for node in nodes { check(node, &findings) }
            variables.check(play, hosts: hosts(of: play), into: &findings)
        }
    }

    /// None if the pattern depends on variables.
    private func hosts(of play: Play) -> [String] {
        guard let pattern = play.hosts.value.string, !pattern.contains("{{") else { return [] }
        var ignored: [Diagnostic] = []
        return (try? workspace.inventory.inventory.hosts(
            matching: pattern, limit: workspace.limit, files: workspace.files, warnings: &ignored)) ?? []
    }

    private func check(_ node: StepNode, _ findings: inout DiagnosticCollector) {
        switch node {
        case .block(let block):
            for inner in block.block + block.rescue + block.always { check(inner, &findings) }
        case .step(let step):
            for condition in step.keywords.when + step.keywords.until
                + (step.keywords.changedWhen ?? []) + (step.keywords.failedWhen ?? [])
            {
                workspace.templar.check(condition, isCondition: true, into: &findings)
            }
            for variable in step.keywords.vars { workspace.templar.check(variable.value, into: &findings) }
            for entry in step.arguments.entries {
                workspace.templar.check(entry.value, isCondition: step.module == "assert" && entry.key == "that", into: &findings)
            }
            if let free = step.arguments.freeText { workspace.templar.check(free, into: &findings) }
            if let items = step.keywords.loop?.items { workspace.templar.check(items, into: &findings) }
        }
    }
}
