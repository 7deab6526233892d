import Foundation
import OpsCore

/// A past run in short, as kept in `summary.json`.
public struct RunSummary: Codable, Sendable, Hashable, Identifiable {
    public var id: String
    /// `deploy`, `verify`, `run`, ...
    public var command: String
    public var playbook: String
    public var inventory: String
    public var checkMode: Bool
    public var started: Date
    /// Nil for a run that did not end: it goes on, or was killed.
    public var seconds: Double?
    public var exitStatus: Int?
    public var interrupted: Bool
    public var roundTrips: Int
    public var checks: CheckCount
    public var recap: [HostRecap]

    init(_ start: Event.RunStarted, at date: Date) {
        id = start.run
        command = start.command
        playbook = start.playbook
        inventory = start.inventory
        checkMode = start.checkMode
        started = date
        interrupted = false
        roundTrips = 0
        checks = CheckCount()
        recap = []
    }

    mutating func add(_ event: Event) {
        switch event {
        case .stepFinished(let finished) where !finished.ignored && !finished.rescued:
            finished.checks.forEach { checks.add($0) }
        case .runFinished(let end):
            seconds = end.seconds
            exitStatus = end.exitStatus
            interrupted = end.interrupted
            roundTrips = end.roundTrips
            recap = end.recap
        default: break
        }
    }
}
