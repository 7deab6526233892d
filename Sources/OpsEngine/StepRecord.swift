import OpsCore
import OpsSteps

/// How one step ended on one host, ready to be registered and reported.
struct StepRecord: Sendable {
    var outcome: Outcome
    var result: StepResult
    /// Failed, but the run goes on by the step's own wish.
    var isIgnored = false
    /// What `register` keeps.
    var value: Value
    /// One for each item of a loop; empty without one.
    var items: [StepRecord] = []

    init(_ outcome: Outcome, _ result: StepResult, extra: ValueMap = [:]) {
        self.outcome = outcome
        self.result = result
        value = .map(Self.registered(outcome, result, extra))
    }

    static func skipped(_ reason: String) -> StepRecord {
        StepRecord(.skipped, StepResult(skipReason: reason, message: reason))
    }

    static func failed(_ diagnostic: Diagnostic) -> StepRecord { StepRecord(.failed, .failed(diagnostic)) }

    static func unreachable(_ diagnostic: Diagnostic) -> StepRecord {
        StepRecord(.unreachable, .failed(diagnostic))
    }

    /// The step's record from those of its loop's items: changed or failed if any is, skipped if all are or none is there.
    init(items: [StepRecord]) {
        let worst: Outcome =
            if items.contains(where: { $0.outcome == .unreachable }) { .unreachable }
            else if items.contains(where: { $0.outcome == .failed }) { .failed }
            else if items.contains(where: { $0.outcome == .changed }) { .changed }
            else if items.allSatisfy({ $0.outcome == .skipped }) { .skipped }
            else { .ok }
        var result = StepResult(changed: items.contains { $0.result.changed })
        let failed = items.first { $0.outcome == .failed || $0.outcome == .unreachable }
        result.failure = failed?.result.failure
        result.message = failed?.result.message ?? ""
        result.skipReason = items.isEmpty ? "no items" : worst == .skipped ? "all items were skipped" : nil
        self.init(worst, result, extra: ["results": .list(items.map(\.value))])
        self.items = items
    }

    private static func registered(_ outcome: Outcome, _ result: StepResult, _ extra: ValueMap) -> ValueMap {
        var map = result.values
        map["changed"] = .bool(result.changed)
        map["failed"] = .bool(outcome == .failed)
        if outcome == .skipped {
            map["skipped"] = true
            map["skip_reason"] = .string(result.skipReason ?? "")
        }
        if outcome == .unreachable { map["unreachable"] = true }
        if map["msg"] == nil, !result.message.isEmpty { map["msg"] = .string(result.message) }
        for (key, value) in extra { map[key] = value }
        return map
    }
}
