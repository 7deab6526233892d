import OpsCore

/// Masks known secrets in every text of an event.
enum EventRedaction {
    static func redacted(_ event: Event, _ redactor: Redactor) -> Event {
        switch event {
        case .stepStarted(let ref):
            return .stepStarted(step(ref, redactor))
        case .stepProgress(var body):
            body.ref = step(body.ref, redactor)
            body.message = redactor.redact(body.message)
            return .stepProgress(body)
        case .stepFinished(var body):
            body.ref = step(body.ref, redactor)
            body.message = redactor.redact(body.message)
            body.stdout = redactor.redact(body.stdout)
            body.stderr = redactor.redact(body.stderr)
            body.item = body.item.map(redactor.redact)
            body.diagnostic = body.diagnostic.map { diagnostic($0, redactor) }
            body.changes = body.changes.map { change($0, redactor) }
            body.checks = body.checks.map { check($0, redactor) }
            return .stepFinished(body)
        case .notice(var body):
            body.diagnostic = diagnostic(body.diagnostic, redactor)
            return .notice(body)
        case .runStarted, .playStarted, .hostConnected, .runFinished:
            return event
        }
    }

    private static func step(_ ref: Event.StepRef, _ redactor: Redactor) -> Event.StepRef {
        var ref = ref
        ref.name = redactor.redact(ref.name)
        return ref
    }

    static func diagnostic(_ diagnostic: Diagnostic, _ redactor: Redactor) -> Diagnostic {
        var diagnostic = diagnostic
        diagnostic.message = redactor.redact(diagnostic.message)
        diagnostic.hints = diagnostic.hints.map(redactor.redact)
        diagnostic.trail = diagnostic.trail.map { Diagnostic.Note(redactor.redact($0.message), at: $0.location) }
        return diagnostic
    }

    private static func change(_ change: Change, _ redactor: Redactor) -> Change {
        Change(
            change.action, redactor.redact(change.resource), summary: redactor.redact(change.summary),
            diff: redactor.redact(change.diff))
    }

    private static func check(_ check: Check, _ redactor: Redactor) -> Check {
        var check = check
        check.resource = redactor.redact(check.resource)
        check.property = redactor.redact(check.property)
        check.expected = redactor.redact(check.expected)
        check.actual = redactor.redact(check.actual)
        check.details = check.details.map(redactor.redact)
        return check
    }
}
