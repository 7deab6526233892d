import OpsCore

/// What Alertmanager has sent so far, by receiver and integration (`email`, `webhook`).
///
/// Its counters name the receiver with `--enable-feature=receiver-name-in-metrics` only (0.27 and later). Without it they
/// prove nothing about one receiver: another one may have been sent something by the same integration.
public struct Deliveries: Sendable, Hashable {
    /// Requests of one integration of a receiver.
    public struct Count: Sendable, Hashable {
        public var sent: Double
        public var failed: Double

        public init(sent: Double, failed: Double) {
            self.sent = sent
            self.failed = failed
        }
    }

    private var counts: [String: [String: Count]] = [:]

    public init(_ counts: [String: [String: Count]]) { self.counts = counts }

    init(requests: [PrometheusSample], failed: [PrometheusSample]) {
        for sample in requests {
            add(sample) { $0.sent += $1 }
        }
        for sample in failed {
            add(sample) { $0.failed += $1 }
        }
    }

    private mutating func add(_ sample: PrometheusSample, _ change: (inout Count, Double) -> Void) {
        guard let receiver = sample.labels["receiver_name"], let integration = sample.labels["integration"] else { return }
        change(&counts[receiver, default: [:]][integration, default: Count(sent: 0, failed: 0)], sample.value)
    }

    /// Whether the counters name receivers at all.
    public var isByReceiver: Bool { !counts.isEmpty }

    /// All receivers with what they were sent.
    public var all: [String: [String: Count]] { counts }

    /// What one receiver was sent, by integration.
    public subscript(receiver: String) -> [String: Count] { counts[receiver] ?? [:] }
}

/// A receiver was sent something by each of its integrations, and nothing failed.
public struct DeliveryCheck: Sendable {
    private let receiver: String
    private let what: String
    private let integration: String?
    private let before: Deliveries

    /// - Parameters:
    ///   - what: was sent, such as `test alert`.
    ///   - integration: the only one that counts; nil for all that the receiver has.
    ///   - before: what had been sent by the time that the alert was made.
    public init(receiver: String, what: String, integration: String? = nil, since before: Deliveries) {
        self.receiver = receiver
        self.what = what
        self.integration = integration
        self.before = before
    }

    /// Asks once. The alert waits for its group's time: poll.
    public func run(with alertmanager: AlertmanagerClient) async throws -> [Check] {
        try await checking(resource, property(nil), expected: "sent") {
            try await alertmanager.deliveries()
        } _: { now in
            judge(now)
        }
    }

    /// The check as one that could not be made.
    public func unknown(because reason: String) -> Check { .unknown(resource, property(nil), expected: "sent", because: reason) }

    private var resource: String { "receiver \(receiver)" }

    private func property(_ integration: String?) -> String {
        (integration ?? self.integration).map { "\(what) by \($0)" } ?? what
    }

    func judge(_ now: Deliveries) -> [Check] {
        guard now.isByReceiver else {
            return [unknown(because: "not counted by receiver: --enable-feature=receiver-name-in-metrics is missing")]
        }
        let integrations = now[receiver].filter { integration == nil || $0.key == integration }
        guard !integrations.isEmpty else {
            let nobody = integration.map { "it has no \($0)" } ?? "it tells nobody"
            return [Check(resource, property(nil), expected: "sent", actual: nobody, passes: false)]
        }
        return integrations.sorted { $0.key < $1.key }.map { name, count in
            let earlier = before[receiver][name] ?? Deliveries.Count(sent: 0, failed: 0)
            let (tried, failed) = (count.sent - earlier.sent, count.failed - earlier.failed)
            let actual = failed > 0 ? "\(QueryCheck.text(failed)) failed" : tried < 1 ? "none yet" : "sent"
            return Check(resource, property(name), expected: "sent", actual: actual, passes: actual == "sent")
        }
    }
}
