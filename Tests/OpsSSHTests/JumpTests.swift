import OpsCore
import OpsSSH
import OpsTransport
import Testing

@Suite struct JumpTests {
    @Test func goesThroughSeveralHosts() async throws {
        let outer = try await SSHServer()
        let middle = try await SSHServer()
        let inner = try await SSHServer(authorized: [.ecdsa])
        var target = try await inner.target(key: .ecdsa)
        target.jumps = [try await outer.target(), try await middle.target()]
        let transport = try await SSHConnector().connect(to: target)
        #expect(try await transport.run("echo through").stdout == "through\n")
        #expect(try await transport.run("wc -c", input: String(repeating: "x", count: 3_000_000)).stdout == "3000000\n")
    }

    /// The way there is one connection for all that go through it.
    @Test func sharesTheWay() async throws {
        let outer = try await SSHServer()
        let inner = try await SSHServer()
        var target = try await inner.target()
        target.jumps = [try await outer.target()]
        let connector = SSHConnector()
        let shared = target
        let transports = try await withThrowingTaskGroup(of: SSHTransport.self) { group in
            for _ in 0..<5 { group.addTask { try await connector.connect(to: shared) } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        for transport in transports { #expect(try await transport.run("echo in").stdout == "in\n") }
        #expect(outer.log.split(whereSeparator: \.isNewline).count { $0.hasPrefix("Accepted publickey") } == 1)
        for transport in transports { await transport.close() }
        #expect(try await connector.connect(to: target).run("echo anew").stdout == "anew\n")
    }

    @Test func checksTheKeysOfEveryHost() async throws {
        let outer = try await SSHServer()
        let inner = try await SSHServer()
        let unknownInside = try await refused(inner.target(knownHosts: ""), through: outer.target())
        #expect(unknownInside == "[127.0.0.1]:\(inner.port)")
        let unknownOutside = try await refused(inner.target(), through: outer.target(knownHosts: ""))
        #expect(unknownOutside == "[127.0.0.1]:\(outer.port)")
        #expect(!inner.log.contains("Accepted"))
    }

    /// The host whose key is refused.
    private func refused(_ target: SSHTarget, through jump: SSHTarget) async throws -> String? {
        var target = target
        target.jumps = [jump]
        do {
            _ = try await SSHConnector().connect(to: target)
            return nil
        } catch TransportError.hostKeyRefused(let problem) {
            return problem.host
        }
    }

    @Test func saysWhichHostCannotBeReachedFromWhere() async throws {
        let outer = try await SSHServer()
        let port = try FreePort.find()
        var target = SSHTarget(host: "127.0.0.1", port: port, user: "x")
        target.jumps = [try await outer.target()]
        let unreachable = target
        let error = await #expect(throws: TransportError.self) { try await SSHConnector().connect(to: unreachable) }
        guard case .connectFailed(let peer, let reason) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(peer == "x@127.0.0.1:\(port)")
        #expect(reason.contains(":\(outer.port)"))
    }
}
