import Foundation
import OpsCore
import OpsTransport
import Testing

@testable import OpsMonitoring

@Suite struct HealthAndSmokeTests {
    @Test func healthTellsWhatCameBack() async throws {
        let server = try await TestServer { request in
            switch request.path {
            case "/ok": .answer(200, "Prometheus Server is Ready.\n")
            case "/moved": .answer(301, "", headers: [("Location", "/login")])
            default: .answer(503, "Ingester not ready:\nwaiting for 15s\u{1B}[2J after start")
            }
        }
        let client = HTTPClient.local()
        func check(_ path: String, body: String? = nil) async throws -> Check {
            try await HealthCheck(service: "loki", url: server.base.appending(path), body: body).run(with: client)
        }
        let good = try await check("/ok", body: "is Ready")
        #expect(good.status == .pass)
        #expect(good.actual == "200")
        #expect(good.expected == "200 with \"is Ready\"")
        let other = try await check("/ok", body: "ready")
        #expect(other.status == .fail)
        #expect(other.actual == "200: Prometheus Server is Ready.")
        let moved = try await check("/moved")
        #expect(moved.actual == "301 to /login")
        let bad = try await check("/bad")
        #expect(bad.actual == "503: Ingester not ready: waiting for 15s [2J after start")
        #expect(
            bad.details == [
                "asked http://127.0.0.1:\(server.port)/bad", "Ingester not ready:", "waiting for 15s [2J after start",
            ])
        await server.close()
        let gone = try await HealthCheck(service: "loki", url: server.base).run(with: .local())
        #expect(gone.status == .fail)
        #expect(gone.actual == "cannot connect: Connection refused")
        await client.close()
    }

    @Test func aLoginIsSentAndAsked() async throws {
        let server = try await TestServer { request in
            if request.path == "/open" { return .answer(200, "ready") }
            return request.header("authorization") == "Basic YW5uOnBhc3N3b3Jk" ? .answer(200, "ready") : .answer(401, "Unauthorized\n")
        }
        let client = HTTPClient.local()
        func health(_ password: String?) async throws -> Check {
            let login = password.map { HTTPCredentials(user: "ann", password: Secret($0)) }
            return try await HealthCheck(service: "prometheus", url: server.base, body: "ready", credentials: login).run(with: client)
        }
        #expect(try await health("password").status == .pass)
        let refused = try await health("passwort")
        #expect(refused.actual == "401: it refuses the login")
        #expect(!"\(refused)".contains("passwort"))
        #expect(try await health(nil).actual == "401: it asks for a login")

        let guarded = try await AnonymousAccessCheck(service: "prometheus", url: server.base).run(with: client)
        #expect(guarded.status == .pass)
        let open = try await AnonymousAccessCheck(service: "prometheus", url: server.base.appending("/open")).run(with: client)
        #expect((open.status, open.actual) == (.fail, "200"))

        let wrong = HTTPCredentials(user: "ann", password: Secret("passwort"))
        let error = try await #require(throws: APIError.self) {
            try await PrometheusClient(http: client, url: server.base, credentials: wrong).targets()
        }
        #expect(error.brief == "401: it refuses the login")
        #expect(!"\(error)\(error.diagnostic)".contains("passwort"))
        await client.close()
        await server.close()
        let gone = try await AnonymousAccessCheck(service: "prometheus", url: server.base).run(with: .local())
        #expect((gone.status, gone.actual) == (.fail, "cannot connect: Connection refused"))
    }

    @Test func smokeTrafficIsCountedAndTimed() async throws {
        let counter = Counter()
        let server = try await TestServer { request in
            counter.add()
            if request.path == "/hang" { return .hangUp }
            return .answer(request.header("x-request-id") == "run-7" ? 500 : 200, "ok")
        }
        let client = HTTPClient.local()
        let url = try server.base
        let result = try await SmokeTraffic(count: 25) { number in
            HTTPRequest(url, headers: [HTTPHeader("x-request-id", "run-\(number)")])
        }.run(with: client)
        #expect(counter.value == 25)
        #expect(result.statuses == [200: 24, 500: 1])
        let strict = SmokeExpectation(statuses: 200...200).checks(result)
        #expect(strict[0].status == .fail)
        #expect(strict[0].expected == "25 × 200")
        #expect(strict[0].actual.contains(/^24 × 200, 4 % errors, [\d.]+ a second, p50 .+, p95 .+, max .+$/), "\(strict[0].actual)")
        #expect(strict[0].details.contains("1 × 500"))
        let mild = SmokeExpectation(errorShare: 0.05, latencies: [0.95: .seconds(5), 1: .zero]).checks(result)
        #expect(mild.map(\.status) == [.pass, .pass, .fail])
        #expect(mild.map(\.property) == ["answers", "latency p95", "latency max"])

        let broken = try await SmokeTraffic(count: 3) { _ in HTTPRequest(url.appending("/hang"), method: "POST") }.run(
            with: client)
        #expect(broken.statuses == [:])
        #expect(broken.failures == ["connection closed: no answer": 3])
        #expect(SmokeExpectation().checks(broken)[0].status == .fail)
        await client.close()
        await server.close()
    }

    @Test func aRateIsKept() async throws {
        let server = try await TestServer { _ in .answer(200, "ok") }
        let client = HTTPClient.local()
        let url = try server.base
        let result = try await SmokeTraffic(count: 6, rate: 20) { _ in HTTPRequest(url) }.run(with: client)
        #expect(result.duration >= .milliseconds(250))
        await client.close()
        await server.close()
    }

    /// What there was no time for is told, and isn't held against what was sent.
    @Test func trafficEndsWhenItsTimeIsUp() async throws {
        let server = try await TestServer { _ in .answer(200, "ok") }
        let client = HTTPClient.local()
        let url = try server.base
        func run(rate: Double, _ limit: Duration) async throws -> SmokeResult {
            try await SmokeTraffic(count: 1000, concurrency: 2, rate: rate, limit: limit) { _ in HTTPRequest(url) }.run(with: client)
        }
        let some = try await run(rate: 50, .milliseconds(300))
        #expect((1...16).contains(some.count), "\(some.count) sent")
        let check = SmokeExpectation(statuses: 200...200).checks(some)[0]
        #expect(check.status == .pass)
        #expect(check.expected == "\(some.count) × 200")
        #expect(check.actual.hasPrefix("\(some.count) × 200, \(1000 - some.count) not sent in the time there was, "), "\(check.actual)")
        // The next request would be due in a quarter of an hour: that isn't waited for.
        let one = try await run(rate: 0.001, .seconds(1))
        #expect(one.count == 1 && one.duration < .seconds(600))
        await client.close()
        await server.close()
    }

    @Test func percentilesAreByNearestRank() {
        var result = SmokeResult()
        result.answers = (1...20).map { .init(status: 200, latency: .milliseconds($0), failure: nil) }
        #expect(result.latency(0.5) == .milliseconds(10))
        #expect(result.latency(0.95) == .milliseconds(19))
        #expect(result.latency(1) == .milliseconds(20))
        #expect(result.latency(0) == .milliseconds(1))
        #expect(SmokeResult().latency(0.5) == nil)
    }
}

@Suite struct PollTests {
    @Test func pollingEndsWithTheFirstGoodAnswer() async throws {
        let clock = ManualClock()
        let counter = Counter()
        let told = Notes()
        let poll = Poll(timeout: .seconds(60), clock: clock)
        let checks = try await poll.checks(waiting: { await told.add($0) }) {
            counter.add()
            let up = counter.value == 4
            return [
                Check("prometheus", "health", expected: "200", actual: up ? "200" : "503", passes: up),
                Check("grafana", "health", expected: "200", actual: "200", passes: true),
            ]
        }
        #expect(counter.value == 4)
        #expect(checks.map(\.status) == [.pass, .pass])
        #expect(checks[0].seconds > 0.4)
        #expect(checks[1].seconds == 0)
        #expect(await told.texts == [String](repeating: "prometheus health: 503", count: 3))
    }

    @Test func pollingEndsAtTheDeadline() async throws {
        let clock = ManualClock()
        let poll = Poll(timeout: .seconds(30), clock: clock)
        let checks = try await poll.checks { [Check("a", "b", expected: "x", actual: "y", passes: false)] }
        #expect(checks[0].status == .fail)
        #expect(checks[0].seconds == 30)
        let once = Counter()
        _ = try await Poll(timeout: .zero, clock: clock).checks {
            once.add()
            return [Check("a", "b", expected: "x", actual: "y", passes: false)]
        }
        #expect(once.value == 1)
    }
}

/// A clock whose sleeps take no time.
final class ManualClock: Clock, @unchecked Sendable {
    struct Instant: InstantProtocol {
        var offset: Duration
        func advanced(by duration: Duration) -> Instant { Instant(offset: offset + duration) }
        func duration(to other: Instant) -> Duration { other.offset - offset }
        static func < (a: Instant, b: Instant) -> Bool { a.offset < b.offset }
    }

    private let lock = NSLock()
    private var time = Duration.zero

    var now: Instant { lock.withLock { Instant(offset: time) } }
    var minimumResolution: Duration { .zero }

    func sleep(until deadline: Instant, tolerance: Duration?) async throws {
        lock.withLock { time = max(time, deadline.offset) }
    }
}

actor Notes {
    private(set) var texts: [String] = []
    func add(_ text: String) { texts.append(text) }
}
