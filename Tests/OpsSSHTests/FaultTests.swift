import Foundation
import OpsCore
import OpsSSH
import OpsTransport
import Testing

@Suite struct FaultTests {
    private func failure(_ body: () async throws -> Void) async -> TransportError? {
        do {
            try await body()
            return nil
        } catch {
            return error as? TransportError
        }
    }

    private func target(port: Int) -> SSHTarget {
        var target = SSHTarget(host: "127.0.0.1", port: port, user: "nobody")
        target.knownHostsFiles = []
        target.connectTimeout = .milliseconds(300)
        return target
    }

    @Test func givesUpOnAHostThatNeverAnswers() async throws {
        let silent = try FreePort.bind(port: 0)
        defer { close(silent.descriptor) }
        let start = ContinuousClock.now
        let failure = await failure { _ = try await SSHConnector().connect(to: target(port: silent.port)) }
        #expect(failure == .connectTimedOut(peer: "nobody@127.0.0.1:\(silent.port)", after: .milliseconds(300)))
        #expect(ContinuousClock.now - start < .seconds(20))
    }

    @Test func saysThatNobodyListens() async throws {
        let port = try FreePort.find()
        var target = target(port: port)
        target.connectTimeout = .seconds(30)
        let patient = target
        let failure = await failure { _ = try await SSHConnector().connect(to: patient) }
        #expect(failure == .connectFailed(peer: "nobody@127.0.0.1:\(port)", reason: "connection refused"))
    }

    @Test func saysThatTheNameIsUnknown() async throws {
        var target = target(port: 22)
        target.host = "no-such-host.invalid"
        // A resolver without a network answers only after its own timeouts.
        target.connectTimeout = .seconds(180)
        let failure = await failure { _ = try await SSHConnector().connect(to: target) }
        guard case .connectFailed = failure else {
            Issue.record("\(String(describing: failure))")
            return
        }
    }

    @Test func saysThatItIsNoSSHServer() async throws {
        let server = try await GreetingServer("HTTP/1.1 400 Bad Request\r\n\r\n")
        var target = target(port: server.port)
        target.connectTimeout = .seconds(30)
        let failure = await failure { _ = try await SSHConnector().connect(to: target) }
        guard case .connectFailed(_, let reason) = failure else {
            Issue.record("\(String(describing: failure))")
            return
        }
        #expect(reason.hasPrefix("it does not speak SSH, it says 'HTTP/1.1 400 Bad Request"))
    }

    @Test func comesBackWhenSshdShedsLogins() async throws {
        let server = try await SSHServer(["MaxStartups 1"])
        let target = try await server.target()
        let connector = SSHConnector(gate: HandshakeGate(limit: 100))
        let outputs = try await withThrowingTaskGroup(of: String.self) { group in
            for number in 0..<6 {
                group.addTask {
                    try await connector.connect(to: target).run("echo \(number)").stdout
                }
            }
            return try await group.reduce(into: Set<String>()) { $0.insert($1) }
        }
        #expect(outputs.count == 6)
    }

    @Test func connectsFiftyTimesAtOnce() async throws {
        let server = try await SSHServer()
        let target = try await server.target()
        let connector = SSHConnector()
        let outputs = try await withThrowingTaskGroup(of: String.self) { group in
            for number in 0..<50 {
                group.addTask { try await connector.connect(to: target).run("echo \(number)").stdout }
            }
            return try await group.reduce(into: Set<String>()) { $0.insert($1) }
        }
        #expect(outputs.count == 50)
    }

    @Test func runsManyCommandsInOneConnection() async throws {
        let server = try await SSHServer(["MaxSessions 30"])
        let transport = try await SSHConnector().connect(to: await server.target())
        let outputs = try await withThrowingTaskGroup(of: Output.self) { group in
            for number in 0..<20 {
                group.addTask { try await transport.run("sleep 0.2; echo \(number); exit \(number)") }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(Set(outputs.map(\.end)) == Set((0..<20).map { .exited($0) }))
    }

    @Test func saysThatTheHostAllowsNoMoreSessions() async throws {
        let server = try await SSHServer(["MaxSessions 2"])
        let transport = try await SSHConnector().connect(to: await server.target())
        let first = try await transport.start("cat")
        let second = try await transport.start("cat")
        let failure = await failure { _ = try await transport.start("cat") }
        guard case .channelRefused(_, let what, let reason) = failure else {
            Issue.record("\(String(describing: failure))")
            return
        }
        #expect(what == "a session for a command")
        #expect(reason.contains("MaxSessions"))
        await first.close()
        await second.close()
        // The places are free once the host has seen the programs end.
        var output: Output?
        for _ in 0..<600 where output == nil {
            do {
                output = try await transport.run("echo again")
            } catch TransportError.channelRefused {
                try await Task.sleep(for: .milliseconds(50))
            }
        }
        #expect(output?.stdout == "again\n", "\(server.log)")
    }

    @Test func noticesThatTheServerDied() async throws {
        let server = try await SSHServer()
        let transport = try await SSHConnector().connect(to: await server.target())
        let process = try await transport.start("echo ready; sleep 60")
        _ = try await process.read()
        try await Program.run("/usr/bin/pkill", "-KILL", "-P", "\(server.program.processIdentifier)")
        let failure = await failure { _ = try await process.read() }
        guard case .connectionLost = failure else {
            Issue.record("\(String(describing: failure))")
            return
        }
        let later = await self.failure { _ = try await transport.start("true") }
        #expect(later == failure)
    }

    @Test func noticesASilentPeer() async throws {
        let server = try await SSHServer()
        var target = try await server.target()
        target.keepAlive = KeepAlive(interval: .milliseconds(500), countMax: 10)
        let transport = try await SSHConnector().connect(to: target)
        #expect(try await transport.run("sleep 1; echo alive").stdout == "alive\n")
        let process = try await transport.start("sleep 60")
        try await Program.run("/usr/bin/pkill", "-STOP", "-P", "\(server.program.processIdentifier)")
        let failure = await failure { _ = try await process.read() }
        try await Program.run("/usr/bin/pkill", "-CONT", "-P", "\(server.program.processIdentifier)")
        guard case .connectionLost(_, let reason) = failure else {
            Issue.record("\(String(describing: failure))")
            return
        }
        #expect(reason.hasPrefix("no sign of life for"))
    }

    @Test func answersTheServersQuestionsWhileIdle() async throws {
        let server = try await SSHServer(["LogLevel DEBUG3", "ClientAliveInterval 1", "ClientAliveCountMax 1000"])
        let transport = try await SSHConnector().connect(to: await server.target())
        // SSH_MSG_REQUEST_FAILURE (RFC 4254, section 4): what a client answers to a request it does not know.
        let answer = "receive packet: type 82"
        for _ in 0..<1_000 where server.log.ranges(of: answer).count < 2 {
            try await Task.sleep(for: .milliseconds(50))
        }
        #expect(server.log.ranges(of: answer).count >= 2)
        #expect(try await transport.run("echo alive").stdout == "alive\n")
    }

    @Test func stopsAtOnceWhenCancelled() async throws {
        let server = try await SSHServer()
        let transport = try await SSHConnector().connect(to: await server.target())
        let process = try await transport.start("sleep 60")
        let reading = Task { try await process.read() }
        try await Task.sleep(for: .milliseconds(50))
        let start = ContinuousClock.now
        reading.cancel()
        let failure = await failure { _ = try await reading.value }
        #expect(failure == .cancelled(peer: transport.peer))
        #expect(ContinuousClock.now - start < .seconds(20))
        await process.close()
        #expect(try await transport.run("echo on").stdout == "on\n")
        await transport.close()
        let later = await self.failure { _ = try await transport.start("true") }
        #expect(later == .cancelled(peer: transport.peer))
    }

    @Test func stopsConnectingWhenCancelled() async throws {
        let silent = try FreePort.bind(port: 0)
        defer { close(silent.descriptor) }
        var target = target(port: silent.port)
        target.connectTimeout = .seconds(60)
        let patient = target
        let connecting = Task { try await SSHConnector().connect(to: patient) }
        try await Task.sleep(for: .milliseconds(50))
        connecting.cancel()
        let failure = await failure { _ = try await connecting.value }
        #expect(failure == .cancelled(peer: target.peer))
    }

    @Test func endsInputThatNobodyReads() async throws {
        let server = try await SSHServer()
        let transport = try await SSHConnector().connect(to: await server.target())
        let process = try await transport.start("exit 5")
        let failure = await failure {
            while true { try await process.write([UInt8](repeating: 0, count: 1 << 20)) }
        }
        guard case .channelRefused = failure else {
            Issue.record("\(String(describing: failure))")
            return
        }
        while try await process.read() != nil {}
        #expect(try await process.wait() == .exited(5))
    }
}
