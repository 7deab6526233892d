import OpsCore
import OpsTemplate

/// `debug`: shows a message or a variable.
struct DebugModule: StepModule {
    static let name = "debug"
    static let isReadOnly = true
    static let needsHost = false
    static let parameters = [
        Parameter("msg", "what to show"),
        Parameter("var", "variable or expression to show"),
        Parameter("verbosity", "show only from this -v on"),
    ]

    private let shown: Value
    private let key: String

    init(_ arguments: ArgumentReader, _ environment: StepEnvironment) throws {
        if let expression = try arguments.string("var") {
            key = expression
            shown = try Expression(
                expression, at: arguments.location(of: "var"), environment: environment.templar.environment
            ).evaluate(environment.scope)
        } else {
            key = "msg"
            shown = arguments.value("msg") ?? "Hello world!"
        }
    }

    func perform(_ work: StepWork) async throws -> StepResult {
        let text = shown.string ?? ValueJSON.pretty(shown)
        return StepResult(values: [.string(key): shown], stdout: key == "msg" ? text : "\(key): \(text)")
    }
}

/// `fail`: ends the host's run with a reason.
struct FailModule: StepModule {
    static let name = "fail"
    static let isReadOnly = true
    static let needsHost = false
    static let parameters = [Parameter("msg", "the reason")]

    private let reason: String
    private let location: SourceLocation

    init(_ arguments: ArgumentReader, _ environment: StepEnvironment) throws {
        reason = try arguments.sensitive("msg").map(environment.templar.shown) ?? "failed as requested"
        location = arguments.location
    }

    func perform(_ work: StepWork) async throws -> StepResult {
        .failed(Diagnostic(code: "failed-on-request", reason, at: location))
    }
}
