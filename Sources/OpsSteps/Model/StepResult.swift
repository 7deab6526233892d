import OpsCore
import OrderedCollections

/// What a step found, did, and leaves for `register`.
public struct StepResult: Sendable {
    /// What was changed, or would be in check mode. Any change makes the step `changed`.
    public var changes: [Change]
    /// For steps whose effect isn't a list of changes, such as `command`.
    public var changed: Bool
    /// Why the step failed; nil if it didn't.
    public var failure: Diagnostic?
    /// Why there was nothing to do, such as `creates` existing.
    public var skipReason: String?
    /// One line for people.
    public var message: String
    /// What `register` keeps beside `changed`, `failed`, `skipped` and `msg`: `rc`, `stdout`, `stat`...
    public var values: ValueMap
    /// New variables of the host.
    public var facts: ValueMap
    public var checks: [Check]
    /// What a command printed, for failures and verbose output; bounded.
    public var stdout: String
    public var stderr: String

    public init(
        changes: [Change] = [], changed: Bool? = nil, failure: Diagnostic? = nil, skipReason: String? = nil,
        message: String = "", values: ValueMap = [:], facts: ValueMap = [:], checks: [Check] = [],
        stdout: String = "", stderr: String = ""
    ) {
        self.changes = changes
        self.changed = changed ?? !changes.isEmpty
        self.failure = failure
        self.skipReason = skipReason
        self.message = message
        self.values = values
        self.facts = facts
        self.checks = checks
        self.stdout = stdout
        self.stderr = stderr
    }

    /// A failure for a reason that people can act on.
    public static func failed(_ diagnostic: Diagnostic, stdout: String = "", stderr: String = "") -> StepResult {
        StepResult(failure: diagnostic, message: diagnostic.message, stdout: stdout, stderr: stderr)
    }

    /// A result made of checks: failed if one of them is.
    public static func verified(_ checks: [Check]) -> StepResult {
        let failed = checks.filter { $0.status == .fail || $0.status == .unknown }
        guard let first = failed.first else {
            return StepResult(values: registered(checks), checks: checks)
        }
        let reason = "\(first.resource): \(first.property) is \(first.actual), expected \(first.expected)"
        let more = failed.count > 1 ? " (and \(failed.count - 1) more)" : ""
        var result = StepResult.failed(Diagnostic(code: "check-failed", reason + more))
        result.checks = checks
        result.values = registered(checks)
        return result
    }

    /// The checks as `register` keeps them, so that later steps can decide by them.
    private static func registered(_ checks: [Check]) -> ValueMap {
        ["checks": .list(checks.map { check in
            ["resource": .string(check.resource), "property": .string(check.property), "expected": .string(check.expected),
             "actual": .string(check.actual), "status": .string(check.status.rawValue), "seconds": .double(check.seconds)]
        })]
    }
}
