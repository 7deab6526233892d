import OpsCore
import OpsSSH
import OpsTransport
import Testing

/// The same against dropbear and tinysshd.
@Suite struct OtherServerTests {
    @Test func runsCommandsOnDropbear() async throws {
        let server = try await OtherServer(.dropbear)
        var target = try await server.target()
        let transport = try await SSHConnector().connect(to: target)
        let output = try await transport.run("echo out; echo err >&2; exit 3")
        #expect(output == Output(stdout: "out\n", stderr: "err\n", end: .exited(3)))
        #expect(try await transport.run("kill -KILL $$").end == .signaled("KILL"))
        let input = String(repeating: "x", count: 2_000_000)
        #expect(try await transport.run("wc -c", input: input).stdout == "2000000\n")
        #expect(try await transport.run("head -c 3000000 /dev/zero | tr '\\0' x").stdout.utf8.count == 3_000_000)
        await transport.close()
        target.hostKeyPolicy = .strict
        #expect(try await SSHConnector().connect(to: target).run("echo known").stdout == "known\n")
    }

    @Test func keepsIdleConnectionsToDropbear() async throws {
        let server = try await OtherServer(.dropbear)
        var target = try await server.target()
        target.keepAlive = KeepAlive(interval: .milliseconds(200), countMax: 20)
        let transport = try await SSHConnector().connect(to: target)
        try await Task.sleep(for: .seconds(1))
        #expect(try await transport.run("echo alive").stdout == "alive\n")
        let process = try await transport.start("sleep 1; echo late")
        #expect(try await process.read() == .stdout(Array("late\n".utf8)))
    }

    /// tinysshd has no cipher but ChaCha20-Poly1305, which libssh2 lacks before 1.11.1.
    @Test func talksToTinysshdOrSaysWhyNot() async throws {
        let server = try await OtherServer(.tinysshd)
        let target = try await server.target()
        do {
            #expect(try await SSHConnector().connect(to: target).run("echo in; exit 2").end == .exited(2))
        } catch {
            guard case .connectFailed(_, let reason) = error as? TransportError else { throw error }
            #expect(reason.hasPrefix("no cipher in common: the host has chacha20-poly1305@openssh.com; libssh2 1.1"))
        }
    }

    @Test func forwardsThroughDropbear() async throws {
        let server = try await OtherServer(.dropbear)
        let echo = try await EchoServer.tcp()
        let transport = try await SSHConnector().connect(to: await server.target())
        let payload = [UInt8](repeating: 1, count: 300_000)
        let socket = try await transport.connect(to: .tcp(host: "127.0.0.1", port: echo.port))
        let answer = try await TestClient.exchange(socket, payload)
        #expect(answer == payload, "\(answer.count) of \(payload.count) bytes came back")
    }

    @Test func logsInToDropbearWithAPassword() async throws {
        let server = try await OtherServer(.dropbear)
        var target = try await server.target()
        target.identities = []
        target.password = Secret(TestAccount.password)
        #expect(try await SSHConnector().connect(to: target).run("echo in").stdout == "in\n")
    }
}
