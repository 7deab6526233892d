import OpsCore

/// Changes as lines, with their diffs if asked for.
struct ChangeText {
    var style: OutputStyle
    var showsDiff: Bool

    /// With more changes than this, the rest is counted.
    private static let mostChanges = 6

    /// All changes, or the first few and how many more there are.
    func lines(_ changes: [Change], all: Bool) -> [String] {
        let shown = all || changes.count <= Self.mostChanges ? changes[...] : changes.prefix(Self.mostChanges - 1)
        let hidden = changes.dropFirst(shown.count)
        return shown.flatMap(lines) + (hidden.isEmpty ? [] : [style.paint("and " + Self.count(hidden), .quiet)])
    }

    /// `update /opt/monitoring/compose.yml  mode 0644 → 0600`, and the diff.
    private func lines(_ change: Change) -> [String] {
        let action = style.paint(change.action.rawValue, Self.role(change.action))
        var line = action + " " + TerminalText.line(change.resource)
        if !change.summary.isEmpty { line += "  " + style.paint(TerminalText.line(change.summary), .quiet) }
        guard showsDiff, !change.diff.isEmpty else { return [line] }
        // A whole new file is not news line by line.
        let limit = change.action == .update ? 600 : 30
        return [line] + DiffText(style: style).lines(change.diff, limit: limit).map { "  " + $0 }
    }

    /// `4 more`, or `26 more (create 20, update 6)`.
    private static func count(_ changes: some Collection<Change>) -> String {
        let byAction = counts(changes)
        return "\(changes.count) more" + (byAction.count > 1 ? " (\(byAction.joined(separator: ", ")))" : "")
    }

    /// `["create 20", "update 6"]`
    static func counts(_ changes: some Collection<Change>) -> [String] {
        let grouped = Dictionary(grouping: changes, by: \.action)
        return Change.Action.allCases.compactMap { action in
            grouped[action].map { "\(action.rawValue) \($0.count)" }
        }
    }

    private static func role(_ action: Change.Action) -> OutputStyle.Role {
        switch action {
        case .create: .good
        case .delete, .stop: .bad
        case .update, .run, .start, .restart, .reload: .changed
        }
    }
}
