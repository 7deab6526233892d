import OpsCore
import OpsTestSupport
import OpsTransport
import Testing

/// The fake host is used by the tests of other targets, so it has to speak what the shell speaks.
@Suite struct FakeTransportTests {
    @Test func scriptsGetTheirAnswers() async throws {
        let host = FakeTransport([
            .init("uname", stdout: "Linux\n", uses: 1), .init("uname", stdout: "Darwin\n"),
            .init("it's", stderr: "no\n", status: 4),
        ])
        let session = HostSession(transport: host)
        #expect(try await session.run("uname -s").stdout.text == "Linux\n")
        #expect(try await session.run("uname -s").stdout.text == "Darwin\n")
        let failed = try await session.run("echo it's\n:", input: Array("a'b".utf8))
        #expect(failed.end == .exited(4))
        #expect(failed.stderr.text == "no\n")
        #expect(host.runs.last == .init(script: "echo it's\n:", input: Array("a'b".utf8), user: nil))
        await session.close()
    }

    @Test func unknownScriptsFail() async throws {
        let host = FakeTransport()
        let session = HostSession(transport: host)
        await #expect(throws: TransportError.self) { _ = try await session.run("rm -rf /") }
        #expect(host.unscripted == ["rm -rf /"])
        await session.close()
    }

    @Test func uploadsAndOtherUsersAreSeen() async throws {
        let host = FakeTransport([.init("tar", stdout: "ok", status: 1), .init("id", stdout: "postgres\n")])
        let session = HostSession(transport: host)
        let result = try await session.upload(ByteChunks([[1, 2], [3]]), to: "tar -x")
        #expect(result.stdout.text == "ok")
        #expect(result.end == .exited(1))
        #expect(host.runs == [.init(script: "tar -x", input: [1, 2, 3], user: nil)])
        let become = BecomeSettings(user: "postgres", password: Secret("secret"))
        #expect(try await session.run("id", become: become).stdout.text == "postgres\n")
        #expect(host.runs.last?.user == "postgres")
        await session.close()
    }
}
