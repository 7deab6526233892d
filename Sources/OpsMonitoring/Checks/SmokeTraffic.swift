import OpsCore

/// Bounded traffic against a service, to see that it answers and how fast.
public struct SmokeTraffic: Sendable {
    public var count: Int
    /// Requests under way at once.
    public var concurrency: Int
    /// Requests begun per second; nil for as fast as the concurrency allows.
    public var rate: Double?
    /// No request is begun later than this; nil for all of them, however long that takes.
    public var limit: Duration?
    private let request: @Sendable (Int) throws -> HTTPRequest

    /// - Parameters:
    ///   - count: how many requests, at least 1.
    ///   - limit: the first request is sent whatever it says, and those under way are waited for.
    ///   - request: makes each one, numbered from 1, so that they can carry an identifier.
    public init(
        count: Int, concurrency: Int = 4, rate: Double? = nil, limit: Duration? = nil,
        request: @escaping @Sendable (_ number: Int) throws -> HTTPRequest
    ) {
        self.count = max(1, count)
        self.concurrency = max(1, min(concurrency, count))
        self.rate = rate.flatMap { $0 > 0 ? $0 : nil }
        self.limit = limit
        self.request = request
    }

    /// Sends all of it, or what there is time for. Requests that fail are part of the result.
    /// - Throws: `TransportError` if the way to the service is gone, `CancellationError`.
    public func run(with client: HTTPClient) async throws -> SmokeResult {
        let began = ContinuousClock.now
        var result = SmokeResult(wanted: count)
        let end = limit.map { began.advanced(by: $0) }
        try await withThrowingTaskGroup(of: SmokeResult.Answer.self) { group in
            for number in 1...count {
                if number > concurrency, let answer = try await group.next() { result.answers.append(answer) }
                let due = rate.map { began.advanced(by: .seconds(Double(number - 1) / $0)) } ?? began
                if number > 1, let end, max(due, .now) >= end { break }
                if due > .now { try await Task.sleep(until: due) }
                group.addTask { try await send(number, with: client) }
            }
            for try await answer in group { result.answers.append(answer) }
        }
        result.duration = began.duration(to: .now)
        return result
    }

    private func send(_ number: Int, with client: HTTPClient) async throws -> SmokeResult.Answer {
        let began = ContinuousClock.now
        do {
            let response = try await client.send(try request(number))
            return .init(status: response.status, latency: response.duration, failure: nil)
        } catch HTTPError.cancelled {
            throw CancellationError()
        } catch let error as HTTPError {
            return .init(status: nil, latency: began.duration(to: .now), failure: error.brief)
        }
    }
}

/// What smoke traffic met.
public struct SmokeResult: Sendable {
    struct Answer: Sendable {
        var status: Int?
        var latency: Duration
        var failure: String?
    }

    var answers: [Answer] = []
    /// How many requests there were to send.
    var wanted = 0
    public internal(set) var duration = Duration.zero

    /// How many requests were sent.
    public var count: Int { answers.count }

    /// How many answers had each status.
    public var statuses: [Int: Int] {
        answers.reduce(into: [:]) { counts, answer in answer.status.map { counts[$0, default: 0] += 1 } }
    }

    /// Requests answered per second, over the whole time.
    public var rate: Double { duration > .zero ? Double(answers.count { $0.status != nil }) / duration.seconds : 0 }

    /// What requests without an answer died of, and how many of each.
    public var failures: [String: Int] {
        answers.reduce(into: [:]) { counts, answer in answer.failure.map { counts[$0, default: 0] += 1 } }
    }

    /// The latency that this share of the answers stayed within (nearest rank); nil without an answer.
    /// - Parameter share: 0.5 for the median, 1 for the slowest.
    public func latency(_ share: Double) -> Duration? {
        let latencies = answers.filter { $0.status != nil }.map(\.latency).sorted()
        guard !latencies.isEmpty else { return nil }
        let rank = Int((share * Double(latencies.count)).rounded(.up))
        return latencies[min(max(rank, 1), latencies.count) - 1]
    }
}

/// What smoke traffic has to come to.
public struct SmokeExpectation: Sendable {
    public var statuses: ClosedRange<Int>
    /// Share of requests that may fail or have another status, 0 to 1.
    public var errorShare: Double
    /// Most latency by share of the answers, such as `[0.95: .milliseconds(500)]`.
    public var latencies: [Double: Duration]

    public init(statuses: ClosedRange<Int> = 200...299, errorShare: Double = 0, latencies: [Double: Duration] = [:]) {
        self.statuses = statuses
        self.errorShare = errorShare
        self.latencies = latencies
    }

    /// The result as checks: the answers first, then each latency.
    public func checks(_ result: SmokeResult, resource: String = "smoke") -> [Check] {
        [answers(result, resource)]
            + latencies.sorted { $0.key < $1.key }.map { share, limit in
                let actual = result.latency(share)
                return Check(
                    resource, "latency \(Self.name(share))", expected: "at most \(limit.brief)",
                    actual: actual?.brief ?? "no answer", passes: actual.map { $0 <= limit } ?? false)
            }
    }

    private func answers(_ result: SmokeResult, _ resource: String) -> Check {
        let good = result.statuses.filter { statuses.contains($0.key) }.values.reduce(0, +)
        let share = result.count == 0 ? 1 : Double(result.count - good) / Double(result.count)
        let range = statuses.count == 1 ? "\(statuses.lowerBound)" : "\(statuses.lowerBound) to \(statuses.upperBound)"
        let allowed = errorShare > 0 ? ", at most \(Self.percent(errorShare)) errors" : ""
        var details: [String] = result.statuses.sorted { $0.key < $1.key }.map { "\($0.value) × \($0.key)" }
        details += result.failures.sorted { $0.value > $1.value }.prefix(5).map { "\($0.value) × \($0.key)" }
        let errors = good == result.count ? [] : ["\(Self.percent(share)) errors"]
        return Check(
            resource, "answers", expected: "\(result.count) × \(range)\(allowed)",
            actual: (["\(good) × \(range)"] + errors + Self.report(result)).joined(separator: ", "),
            passes: result.count > 0 && share <= errorShare, details: details)
    }

    /// What a load test is made for: how much was sent, how fast it was answered.
    private static func report(_ result: SmokeResult) -> [String] {
        let unsent = result.wanted - result.count
        return (unsent > 0 ? ["\(unsent) not sent in the time there was"] : [])
            + (result.rate > 0 ? ["\(number(result.rate)) a second"] : [])
            + [0.5, 0.95, 1].compactMap { share in result.latency(share).map { "\(name(share)) \($0.brief)" } }
    }

    private static func name(_ share: Double) -> String { share >= 1 ? "max" : "p\(number(share * 100))" }
    private static func percent(_ share: Double) -> String { number(share * 100) + " %" }

    private static func number(_ value: Double) -> String {
        let rounded = (value * 10).rounded() / 10
        return rounded == rounded.rounded() ? "\(Int(rounded))" : "\(rounded)"
    }
}
