import Foundation
import OpsCore
import OpsSSH
import OpsTransport
import Testing

@Suite struct CommandTests {
    let server: SSHServer
    let transport: SSHTransport

    init() async throws {
        server = try await SSHServer()
        transport = try await SSHConnector().connect(to: await server.target())
    }

    @Test func keepsOutputErrorAndStatusApart() async throws {
        let output = try await transport.run("echo out; echo err >&2; exit 3")
        #expect(output == Output(stdout: "out\n", stderr: "err\n", end: .exited(3)))
        let silent = try await transport.run("true")
        #expect(silent == Output(end: .exited(0)))
    }

    @Test func feedsInput() async throws {
        #expect(try await transport.run("wc -c", input: String(repeating: "x", count: 300_000)).stdout == "300000\n")
    }

    @Test func tellsSignals() async throws {
        #expect(try await transport.run("kill -KILL $$").end == .signaled("KILL"))
        #expect(try await transport.run("kill -TERM $$").end == .signaled("TERM"))
    }

    @Test func noticesTheEndOfTheSession() async throws {
        let process = try await transport.start("echo $PPID; cat")
        let chunk = try await process.read()
        guard case .stdout(let bytes) = chunk else { throw FreePort.NotReady() }
        let parent = String(decoding: bytes, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
        try await Program.run("/bin/kill", "-KILL", parent)
        await #expect(throws: TransportError.self) { _ = try await process.read() }
    }
}
