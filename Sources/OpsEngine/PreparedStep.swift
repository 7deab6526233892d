import OpsCore
import OpsProject
import OpsSteps
import OpsTransport

/// A step (or one item of its loop) with everything rendered, ready to be asked for and done.
struct PreparedStep: Sendable {
    var step: Step
    var module: any StepModule
    var mode: StepMode
    /// The host to work on: another one with `delegate_to`.
    var target: String
    var become: BecomeSettings?
    var variables: [(name: String, value: String)]
    var timeout: Duration

    /// What is asked of the host before the step; nil if nothing.
    var question: ProbeQuestion? {
        module.probe.map { ProbeQuestion(target: target, become: become, script: $0.script) }
    }

    var isReadOnly: Bool { type(of: module).isReadOnly }
    var isStateful: Bool { module is any StateModule }
    var needsHost: Bool { type(of: module).needsHost }
}

/// Two steps with the same question get the same answer, as long as nothing has changed in between.
struct ProbeQuestion: Hashable, Sendable {
    var target: String
    var become: BecomeSettings?
    var script: String
}
