import OpsCore
import OpsTransport

/// Answers of a host that are still true: nothing has changed there since they were given.
struct ProbeCache {
    private var answers: [ProbeQuestion: CommandResult] = [:]

    subscript(question: ProbeQuestion) -> CommandResult? {
        get { answers[question] }
        set { answers[question] = newValue }
    }

    /// A step has changed the host, or may have.
    mutating func forget() { answers.removeAll(keepingCapacity: true) }
}
