import Foundation
import OpsCore
import OpsMonitoring

/// `loki`: a line that is pushed comes back, lines of containers and files are shipped to it, as many are kept as
/// were written, and old ones are deleted as declared.
struct LokiModule: StepModule {
    static let name = "loki"
    /// The pushed line is the check's own and is deleted with everything else.
    static let isReadOnly = true
    static let parameters =
        ServiceAddress.parameters("loki") + [
            Parameter("ping", "push a line and look for it (default true)"),
            Parameter("retention", "how long lines are kept, such as 168h; older ones are gone, and deletion runs"),
            Parameter("retention_grace", "after its start Loki has so long for its first deletion run (default 20 min)"),
            Parameter(
                "shipped",
                "{image, file}: a container of that image prints a line, a line is appended to that file; both must come to Loki"),
            Parameter("counts", "list of {name, query, expect}; expect: a number, or {min, max}"),
        ]

    private let address: ServiceAddress
    private let timeout: Duration
    private let pings: Bool
    private let shipped: ShippedLines?
    private let checks: [@Sendable (LokiClient) async throws -> [Check]]

    init(_ arguments: ArgumentReader, _ environment: StepEnvironment) throws {
        address = try ServiceAddress(arguments, environment, service: "loki")
        timeout = try arguments.duration("timeout", default: .seconds(60))
        pings = try arguments.bool("ping", default: true)
        var checks: [@Sendable (LokiClient) async throws -> [Check]] = []
        if let period = try arguments.string("retention") {
            guard Duration(parsing: period) != nil else {
                throw arguments.complaint(
                    "retention", code: "not-a-duration", "'\(period)' is not a length of time", hints: ["write 168h or 7d"])
            }
            let grace = try arguments.duration("retention_grace", default: .seconds(1200))
            let retention = LokiRetentionCheck(period: period, grace: grace)
            checks.append { try await retention.run(with: $0) }
        }
        for item in try arguments.list("counts") ?? [] {
            let count = try Self.count(item, arguments)
            checks.append { try await count.run(with: $0) }
        }
        self.checks = checks
        shipped = try ShippedLines(arguments)
    }

    private static func count(_ item: Value, _ arguments: ArgumentReader) throws -> LokiCountCheck {
        guard let query = item["query"]?.string else {
            throw arguments.complaint("counts", code: "missing-argument", "every count needs a 'query'")
        }
        let expect = item["expect"]
        let exact = expect?.int ?? expect?.string.flatMap(Int.init)
        let lower = exact ?? expect?["min"]?.int
        let upper = exact ?? expect?["max"]?.int ?? (lower == nil ? nil : Int(Int32.max))
        guard let lower, let upper, lower <= upper else {
            throw arguments.complaint(
                "counts", code: "bad-expectation", "'expect' of a count must be a number or {min, max}", hints: ["write expect: 25"])
        }
        return LokiCountCheck(name: item["name"]?.string ?? String(query.prefix(60)), query: query, expected: lower...upper)
    }

    var probe: Probe? { address.probe }

    func perform(_ work: StepWork) async throws -> StepResult {
        if work.mode.checkMode { return .notInCheckMode }
        let loki = try await address.reach(work).loki
        let poll = try await address.poll(timeout, work)
        var results: [Check] = []
        var others = checks
        if pings {
            let ping = LokiPingCheck(run: UUID().uuidString)
            results = try await poll.checks(waiting: work.progress) { try await ping.push(to: loki) }
            if results.allSatisfy({ $0.status == .pass }) {
                others.insert({ try await ping.find(in: $0) }, at: 0)
            } else {
                results.append(ping.unfound(because: "nothing was pushed"))
            }
        }
        let lines = try await shipped?.write(work)
        others += lines?.checks ?? []
        let asked = others
        results += try await poll.checks(waiting: work.progress) {
            try await Check.concurrently(asked.map { check in { try await check(loki) } })
        }
        try await lines?.cleanUp(work)
        return .verified(results + (lines?.failures ?? []))
    }
}
