import OpsCore
import OpsSSH
import OpsTransport
import Synchronization
import Testing

@Suite struct PasswordTests {
    private static let byPassword = ["PasswordAuthentication yes", "PubkeyAuthentication no"]
    private static let byQuestions = ["KbdInteractiveAuthentication yes", "UsePAM yes", "PubkeyAuthentication no"]

    private func target(_ server: SSHServer, password: String?) async throws -> SSHTarget {
        var target = try await server.target()
        target.user = "tester"
        target.identities = []
        target.password = password.map(Secret.init)
        return target
    }

    private func refusal(_ target: SSHTarget, _ connector: SSHConnector = SSHConnector()) async throws -> [String]? {
        do {
            let transport = try await connector.connect(to: target)
            #expect(try await transport.run("echo in").stdout == "in\n")
            return nil
        } catch {
            guard case .loginRefused(_, _, let tried, _) = error as? TransportError else { throw error }
            return tried
        }
    }

    @Test(arguments: [byPassword, byQuestions]) func logsInWithAPassword(options: [String]) async throws {
        let server = try await SSHServer(options, hasTester: true)
        #expect(try await refusal(target(server, password: TestAccount.password)) == nil)
        let tried = try #require(try await refusal(target(server, password: "wrong")))
        #expect(tried.count == 1)
        #expect(!tried.joined().contains("wrong"))
    }

    @Test(arguments: [byPassword, byQuestions]) func asksForThePassword(options: [String]) async throws {
        let server = try await SSHServer(options, hasTester: true)
        let count = Mutex(0)
        let connector = SSHConnector(
            prompts: LoginPrompts { _ in
                let isFirst = count.withLock { count in
                    count += 1
                    return count == 1
                }
                return Secret(isFirst ? "wrong" : TestAccount.password)
            })
        #expect(try await refusal(target(server, password: nil), connector) == nil)
        #expect(count.withLock { $0 } == 2)
    }

    @Test func showsTheHostsQuestion() async throws {
        let server = try await SSHServer(Self.byQuestions, hasTester: true)
        let questions = Mutex<[LoginPrompts.Question.Kind]>([])
        let connector = SSHConnector(
            prompts: LoginPrompts { question in
                questions.withLock { $0.append(question.kind) }
                return Secret(TestAccount.password)
            })
        #expect(try await refusal(target(server, password: nil), connector) == nil)
        #expect(questions.withLock { $0 }.count == 1)
        guard case .interactive(let text, let echo) = questions.withLock({ $0.first }) else {
            Issue.record("no question")
            return
        }
        #expect(text.lowercased().contains("password"))
        #expect(!echo)
    }

    @Test func stopsAskingWhenCancelled() async throws {
        let server = try await SSHServer(Self.byQuestions, hasTester: true)
        let target = try await target(server, password: nil)
        let asked = AsyncStream.makeStream(of: Void.self)
        let connector = SSHConnector(
            prompts: LoginPrompts { _ in
                asked.continuation.yield()
                try? await Task.sleep(for: .seconds(60))
                return nil
            })
        let connecting = Task { try await connector.connect(to: target) }
        for await _ in asked.stream { break }
        connecting.cancel()
        await #expect(throws: TransportError.cancelled(peer: target.peer)) { try await connecting.value }
    }

    @Test func needsBothKeyAndPasswordWhereTheHostSaysSo() async throws {
        let server = try await SSHServer(
            ["AuthenticationMethods publickey,password", "PasswordAuthentication yes"], hasTester: true)
        var target = try await server.target()
        target.user = "tester"
        #expect(try await refusal(target) != nil)
        target.password = Secret(TestAccount.password)
        #expect(try await refusal(target) == nil)
    }
}
