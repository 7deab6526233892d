import Foundation
import OpsCore
import OpsSSH
import OpsTransport
import Synchronization
import Testing

@Suite struct LoginTests {
    private func refusal(_ target: SSHTarget, _ connector: SSHConnector = SSHConnector()) async throws -> (
        tried: [String], offered: [String]
    )? {
        do {
            let transport = try await connector.connect(to: target)
            #expect(try await transport.run("echo in").stdout == "in\n")
            return nil
        } catch TransportError.loginRefused(_, _, let tried, let offered) {
            return (tried, offered)
        }
    }

    @Test(arguments: [TestKey.ed25519, .ecdsa]) func logsInWithKeyFiles(key: TestKey) async throws {
        let server = try await SSHServer(authorized: [key])
        #expect(try await refusal(server.target(key: key)) == nil)
    }

    /// By `rsa-sha2-512`: OpenSSH 9 refuses SHA-1 signatures, which are all that libssh2 1.10 can make itself.
    @Test(arguments: [TestKey.rsa, .rsaPEM]) func logsInWithRSAKeys(key: TestKey) async throws {
        let server = try await SSHServer(authorized: [key])
        #expect(try await refusal(server.target(key: key)) == nil)
    }

    @Test func logsInWithAnRSAKeyOfTheAgent() async throws {
        let server = try await SSHServer(authorized: [.rsa])
        let agent = try await TestAgent(keys: [.rsa])
        var target = try await server.target()
        target.identities = []
        target.agentSocket = agent.socket
        #expect(try await refusal(target) == nil)
    }

    @Test(arguments: [TestKey.locked, .lockedECDSA, .lockedRSA]) func asksForPassphrases(key: TestKey) async throws {
        let server = try await SSHServer(authorized: [key])
        let questions = Mutex<[LoginPrompts.Question.Kind]>([])
        let connector = SSHConnector(
            prompts: LoginPrompts { question in
                let isFirst = questions.withLock { kinds in
                    kinds.append(question.kind)
                    return kinds.count == 1
                }
                return Secret(isFirst ? "wrong" : TestKey.passphrase)
            })
        let path = try await key.path()
        #expect(try await refusal(server.target(key: key), connector) == nil)
        #expect(questions.withLock { $0 } == [.passphrase(path: path, wrong: false), .passphrase(path: path, wrong: true)])
        // It is kept for the next host.
        #expect(try await refusal(server.target(key: key), connector) == nil)
        #expect(questions.withLock(\.count) == 2)
    }

    @Test func doesNotAskForThePassphraseOfAKeyThatTheHostDoesNotWant() async throws {
        let server = try await SSHServer()
        let connector = SSHConnector(
            prompts: LoginPrompts { _ in
                Issue.record("asked")
                return nil
            })
        let refusal = try #require(try await refusal(server.target(key: .locked), connector))
        #expect(refusal.offered == ["publickey"])
    }

    @Test func saysWhatWasTried() async throws {
        let server = try await SSHServer()
        var target = try await server.target(key: .stranger)
        target.identities.append(Identity(path: "/nonexistent/key"))
        let refusal = try #require(try await refusal(target))
        #expect(refusal.tried.contains("key file /nonexistent/key: no such file"))
        #expect(refusal.tried.contains { $0.hasPrefix("key file ") && $0.hasSuffix("(ssh-ed25519)") })
        #expect(refusal.offered == ["publickey"])
    }

    @Test func saysThatTheHostHadEnough() async throws {
        let server = try await SSHServer(["MaxAuthTries 2"])
        var target = try await server.target(key: .stranger)
        for key in [TestKey.ecdsa, .rsa] { target.identities.append(Identity(path: try await key.path())) }
        let refusal = try #require(try await refusal(target))
        #expect(refusal.tried.joined().contains("Too many authentication failures"))
    }

    @Test func usesTheAgent() async throws {
        let server = try await SSHServer(authorized: [.ecdsa])
        let agent = try await TestAgent(keys: [.ed25519, .ecdsa])
        var target = try await server.target()
        target.identities = []
        target.agentSocket = agent.socket
        #expect(try await refusal(target) == nil)
        target.identitiesOnly = true
        #expect(try await refusal(target) != nil)
        target.identities = [Identity(path: try await TestKey.ecdsa.path() + ".pub")]
        #expect(try await refusal(target) == nil)
    }

    @Test func saysThatTheAgentIsGone() async throws {
        let server = try await SSHServer()
        var target = try await server.target()
        target.identities = []
        target.agentSocket = "/nonexistent/agent"
        let refusal = try #require(try await refusal(target))
        #expect(refusal.tried == ["agent at /nonexistent/agent: cannot reach it (no such file or directory)"])
    }
}
