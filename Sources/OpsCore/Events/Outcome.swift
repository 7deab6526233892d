/// How a step ended on a host.
public enum Outcome: String, Sendable, Codable, CaseIterable {
    case ok, changed, skipped, failed
    /// The transport gave out; everything else that goes wrong is `failed`.
    case unreachable
}

/// One thing that a step changes, or would change in check mode.
public struct Change: Hashable, Sendable, Codable {
    public enum Action: String, Sendable, Codable, CaseIterable {
        case create, update, delete, run, start, restart, reload, stop
    }

    public var action: Action
    /// What is changed: `/opt/monitoring/compose.yml`, `service prometheus`.
    public var resource: String
    /// Why, or what about it: `mode 0644 → 0600`, `image prom/prometheus:v3.13.2`.
    public var summary: String
    /// Unified diff with secrets masked; empty if there is none to show.
    public var diff: String

    public init(_ action: Action, _ resource: String, summary: String = "", diff: String = "") {
        self.action = action
        self.resource = resource
        self.summary = summary
        self.diff = diff
    }
}
