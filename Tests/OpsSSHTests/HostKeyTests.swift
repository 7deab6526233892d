import Foundation
import OpsCore
import OpsSSH
import OpsTransport
import Testing

@Suite struct HostKeyTests {
    private func problem(_ target: SSHTarget) async throws -> HostKeyProblem? {
        do {
            _ = try await SSHConnector().connect(to: target)
            return nil
        } catch TransportError.hostKeyRefused(let problem) {
            return problem
        }
    }

    private func fingerprint(_ server: SSHServer, _ type: String = "ed25519") async throws -> String {
        let text = try await Program.run("/usr/bin/ssh-keygen", "-lf", "\(server.directory.path)/host_\(type).pub")
        return String(text.split(separator: " ")[1])
    }

    @Test func refusesUnknownHostsUnderStrict() async throws {
        let server = try await SSHServer()
        let target = try await server.target(knownHosts: "")
        let problem = try #require(try await problem(target))
        #expect(problem.kind == .unknown)
        #expect(problem.host == "[127.0.0.1]:\(server.port)")
        #expect(problem.keyType == "ssh-ed25519")
        #expect(try await problem.shown == fingerprint(server))
        #expect(!server.log.contains("Accepted"))
    }

    @Test func refusesChangedKeysAndNamesTheLine() async throws {
        let server = try await SSHServer()
        let other = try await TestKey.stranger.publicLine()
        let target = try await server.target(knownHosts: "# comment\n\n[127.0.0.1]:\(server.port) \(other)\n")
        for policy in [HostKeyPolicy.strict, .acceptNew] {
            var target = target
            target.hostKeyPolicy = policy
            let problem = try #require(try await problem(target))
            #expect(problem.kind == .changed)
            #expect(problem.location == SourceLocation(file: target.knownHostsFiles[0], line: 3))
            #expect(problem.known.count == 1)
            #expect(problem.known != [problem.shown])
        }
        #expect(!server.log.contains("Accepted"))
    }

    @Test func refusesRevokedKeysEvenWithTheCheckOff() async throws {
        let server = try await SSHServer()
        let line = "[127.0.0.1]:\(server.port) \(server.hostKeyLine())"
        var target = try await server.target(knownHosts: "\(line)\n@revoked * \(server.hostKeyLine())\n")
        #expect(try await problem(target)?.kind == .revoked)
        target.hostKeyPolicy = .off
        #expect(try await problem(target)?.kind == .revoked)
    }

    @Test func acceptsNewKeysOnceAndKeepsThem() async throws {
        let server = try await SSHServer()
        var target = try await server.target(knownHosts: "elsewhere ssh-ed25519 AAAA")
        target.hostKeyPolicy = .acceptNew
        #expect(try await problem(target) == nil)
        let text = try String(contentsOfFile: target.knownHostsFiles[0], encoding: .utf8)
        #expect(text == "elsewhere ssh-ed25519 AAAA\n[127.0.0.1]:\(server.port) \(server.hostKeyLine())\n")
        target.hostKeyPolicy = .strict
        #expect(try await problem(target) == nil)
    }

    @Test func readsHashedNames() async throws {
        let server = try await SSHServer()
        let target = try await server.target()
        try await Program.run("/usr/bin/ssh-keygen", "-H", "-f", target.knownHostsFiles[0])
        #expect(try String(contentsOfFile: target.knownHostsFiles[0], encoding: .utf8).hasPrefix("|1|"))
        #expect(try await problem(target) == nil)
    }

    @Test func asksForTheKindOfKeyThatIsKnown() async throws {
        let server = try await SSHServer(hostKeys: ["ed25519", "ecdsa"])
        let line = "[127.0.0.1]:\(server.port) \(server.hostKeyLine("ecdsa"))\n"
        #expect(try await problem(server.target(knownHosts: line)) == nil)
    }

    @Test func refusesAnotherKindOfKeyThanTheKnownOne() async throws {
        let server = try await SSHServer(hostKeys: ["ed25519"])
        let ecdsa = try await TestKey.ecdsa.publicLine()
        var target = try await server.target(knownHosts: "[127.0.0.1]:\(server.port) \(ecdsa)\n")
        target.hostKeyPolicy = .acceptNew
        #expect(try await problem(target)?.kind == .changed)
    }

    @Test func takesTheSameKeyUnderTheNameWithoutPort() async throws {
        let server = try await SSHServer()
        #expect(try await problem(server.target(knownHosts: "127.0.0.1 \(server.hostKeyLine())\n")) == nil)
    }

    @Test func knowsAHostByItsAlias() async throws {
        let server = try await SSHServer()
        var target = try await server.target(knownHosts: "web1 \(server.hostKeyLine())\n")
        #expect(try await problem(target)?.kind == .unknown)
        target.hostKeyAlias = "web1"
        #expect(try await problem(target) == nil)
    }

    @Test func refusesAuthoritiesClearly() async throws {
        let server = try await SSHServer()
        let target = try await server.target(knownHosts: "@cert-authority * \(server.hostKeyLine())\n")
        await #expect(throws: TransportError.self) { try await problem(target) }
        do {
            _ = try await problem(target)
        } catch TransportError.localProblem(_, let diagnostic) {
            #expect(diagnostic.code == "host-certificate")
        }
    }
}
