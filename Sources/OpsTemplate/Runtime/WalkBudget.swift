import OpsCore
import Synchronization

/// How many items of lists and mappings one rendering may still visit where it walks through values: in printing,
/// comparing and converting them.
///
/// Lists that hold one another several times are small in memory and endless to walk through. Comparing and hashing
/// happen deep inside of sets and can't throw, so the budget is found by the task and remembers that it is used up.
final class WalkBudget: Sendable {
    /// Of the rendering that runs; nil outside of one, where nothing can hold itself several times.
    @TaskLocal static var current: WalkBudget?

    private let limits: Limits
    private let visited = Atomic(0)

    init(_ limits: Limits) { self.limits = limits }

    /// Counts a container of so many items.
    static func visit(_ count: Int) throws {
        guard let budget = current else { return }
        _ = budget.spend(count)
        try budget.check()
    }

    /// Counts a container where nothing can be thrown; false if the budget is used up.
    static func mayVisit(_ count: Int) -> Bool { current?.spend(count) ?? true }

    /// Refuses a text that has grown too large while it was made.
    static func checkSize(_ text: String) throws {
        guard let limit = current?.limits.outputSize, text.utf8.count > limit else { return }
        throw Limits.exceeded("the text is too large, in bytes", limit)
    }

    private func spend(_ count: Int) -> Bool {
        visited.wrappingAdd(count + 1, ordering: .relaxed).newValue <= limits.visits
    }

    /// An error if the budget is used up; what was compared last may be wrong then.
    func check() throws {
        guard visited.load(ordering: .relaxed) > limits.visits else { return }
        throw Limits.exceeded("the template compares, prints or converts too many items", limits.visits)
    }
}
