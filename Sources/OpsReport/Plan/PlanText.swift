import OpsCore

/// What a deploy would change, per host with diffs, from the events of a run in check mode.
///
/// Hosts of which the same would change are shown together.
public struct PlanText: Sendable {
    private var style: OutputStyle
    private var order: [String] = []
    private var steps: [String: [PlannedStep]] = [:]
    private var problems: [String: String] = [:]

    /// A step that would change something.
    struct PlannedStep: Hashable, Sendable {
        var name: String
        var message: String
        var changes: [Change]
    }

    /// - Parameter hosts: all hosts of the plan, also those without a change.
    public init(style: OutputStyle = .plain, hosts: [String] = []) {
        self.style = style
        hosts.forEach { note($0) }
    }

    private mutating func note(_ host: String) {
        if steps[host] == nil {
            order.append(host)
            steps[host] = []
        }
    }

    public mutating func add(_ event: Event) {
        switch event {
        case .playStarted(let play): play.hosts.forEach { note($0) }
        case .stepFinished(let finished): add(finished)
        default: break
        }
    }

    private mutating func add(_ finished: Event.StepFinished) {
        let host = finished.ref.host
        note(host)
        if finished.endsHost { problems[host] = finished.reason }
        guard finished.outcome == .changed else { return }
        let step = PlannedStep(
            name: finished.ref.title(item: finished.item), message: finished.message, changes: finished.changes)
        steps[host, default: []].append(step)
    }

    /// Hosts of which something would change.
    public var changedHosts: Int { steps.count { !$0.value.isEmpty } }

    public var text: String {
        var lines: [String] = []
        for (hosts, steps) in groups where !steps.isEmpty {
            lines.append(style.paint(Phrase.names(hosts.map { TerminalText.line($0, limit: 100) }, limit: 8), .strong))
            lines += steps.flatMap(step).map { $0.isEmpty ? "" : "  " + $0 } + [""]
        }
        for host in order {
            guard let problem = problems[host] else { continue }
            let line = "\(TerminalText.line(host, limit: 100)): the plan is incomplete: \(TerminalText.line(problem))"
            lines += [style.paint(line, .bad), ""]
        }
        return (lines + [summary]).map { $0 + "\n" }.joined()
    }

    private func step(_ step: PlannedStep) -> [String] {
        let message = step.message.isEmpty ? "" : ": " + TerminalText.line(step.message.prefix { !$0.isNewline })
        let changes = ChangeText(style: style, showsDiff: true).lines(step.changes, all: true)
        return [step.name + message] + changes.map { "  " + $0 }
    }

    private var groups: [(hosts: [String], steps: [PlannedStep])] {
        var groups: [(hosts: [String], steps: [PlannedStep])] = []
        for host in order {
            let own = steps[host] ?? []
            if let index = groups.firstIndex(where: { $0.steps == own }) {
                groups[index].hosts.append(host)
            } else {
                groups.append(([host], own))
            }
        }
        return groups
    }

    /// `2 of 3 hosts would change: create 4, restart 1`
    private var summary: String {
        guard changedHosts > 0 else {
            return problems.isEmpty
                ? "nothing to change on \(Phrase.count(order.count, "host"))" : "nothing to change found"
        }
        let counts = ChangeText.counts(steps.values.joined().flatMap(\.changes))
        let hosts = "\(changedHosts) of \(Phrase.count(order.count, "host")) would change"
        return style.paint(counts.isEmpty ? hosts : "\(hosts): \(counts.joined(separator: ", "))", .changed)
    }
}
