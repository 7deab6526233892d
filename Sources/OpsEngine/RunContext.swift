import OpsCore
import OpsProject
import OpsSteps
import OpsTemplate
import Synchronization

/// What all hosts of a run share.
struct RunContext: Sendable {
    var options: RunOptions
    var inventory: Inventory
    var files: ProjectFiles
    var loader: PlaybookLoader
    var modules: ModuleRegistry
    var templar: Templar
    var variables: VariableStore
    var connections: HostConnections
    var events: EventStream
    var redactor: Redactor
    var slots: WorkSlots
    var tags: TagSelection
    var becomePassword: Secret?
    var identifiers: StepIdentifiers
}

/// Numbers for steps that are read while the run goes on: every load gets a range of its own.
final class StepIdentifiers: Sendable {
    private let next: Atomic<Int>

    init(after last: Int) { next = Atomic(last + 1) }

    /// The first number of a fresh range, large enough for any file.
    func reserve() -> Int { next.wrappingAdd(100_000, ordering: .relaxed).oldValue }
}
