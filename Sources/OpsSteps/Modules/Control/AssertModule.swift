import OpsCore
import OpsProject
import OpsTemplate

/// `assert`: conditions that must hold.
struct AssertModule: StepModule {
    static let name = "assert"
    static let isReadOnly = true
    static let needsHost = false
    static let parameters = [
        Parameter("that", "a condition or a list of them", required: true),
        Parameter("fail_msg", "what to say if one does not hold", aliases: ["msg"]),
        Parameter("success_msg", "what to say if all hold"),
        Parameter("quiet", "say nothing on success"),
    ]

    private let failure: Diagnostic?
    private let successMessage: String

    init(_ arguments: ArgumentReader, _ environment: StepEnvironment) throws {
        let that = arguments.value("that") ?? .null
        let location = arguments.location(of: "that")
        successMessage = try arguments.sensitive("success_msg").map(environment.templar.shown) ?? "all assertions hold"
        let broken = try (that.list ?? [that]).first { condition in
            try !environment.templar.condition(Located(condition, at: location), environment.scope)
        }
        guard let broken else {
            failure = nil
            return
        }
        let text = broken.string ?? ValueJSON.pretty(broken)
        let message = try arguments.sensitive("fail_msg").map(environment.templar.shown)
        failure = Diagnostic(
            code: "assertion-failed", message ?? "does not hold: \(text)", at: location,
            hints: message == nil ? [] : ["condition: \(text)"])
    }

    func perform(_ work: StepWork) async throws -> StepResult {
        failure.map { .failed($0) } ?? StepResult(message: successMessage)
    }
}
