import Foundation
import OpsCore
import Testing

@testable import OpsSSH

@Suite struct SSHConfigTests {
    private let directory: TemporaryDirectory
    private let environment: LocalEnvironment

    init() throws {
        directory = try TemporaryDirectory()
        environment = LocalEnvironment(home: directory.path, user: "me", agentSocket: "/agent")
        try FileManager.default.createDirectory(atPath: "\(directory.path)/.ssh", withIntermediateDirectories: true)
    }

    private func config(_ text: String) throws -> SSHConfig {
        let file = try directory.write(text, to: ".ssh/config")
        return try SSHConfig.load(files: [file], environment: environment)
    }

    private func target(_ text: String, _ host: String, user: String? = nil) throws -> SSHTarget {
        try config(text).target(for: host, user: user)
    }

    @Test func hasDefaults() throws {
        let target = try target("", "web1")
        #expect(target.peer == "me@web1:22")
        #expect(target.hostKeyPolicy == .strict)
        #expect(target.agentSocket == "/agent")
        #expect(target.identities.map(\.path).first == "\(directory.path)/.ssh/id_ed25519")
        #expect(target.jumps.isEmpty)
    }

    @Test func takesTheFirstValue() throws {
        let text = """
            Host web*\r
              HostName %h.example.com
              User deploy
              Port=2222
            Host *
              User nobody
              Port 22
              ConnectTimeout 5
              ServerAliveInterval 7
              ServerAliveCountMax 2
            """
        let target = try target(text, "web1")
        #expect(target.peer == "deploy@web1.example.com:2222")
        #expect(target.connectTimeout == .seconds(5))
        #expect(target.keepAlive == KeepAlive(interval: .seconds(7), countMax: 2))
        #expect(try self.target(text, "db1", user: "root").peer == "root@db1:22")
    }

    @Test func readsQuotesCommentsAndTokens() throws {
        let text = """
            # a comment
            Host "web1" !web2   # another
              IdentityFile "~/keys/%r on %h"
              IdentityFile=%d/.ssh/%u_%%_%p
              IdentitiesOnly yes
              IdentityAgent none
              UserKnownHostsFile ~/a ~/b
              GlobalKnownHostsFile none
              StrictHostKeyChecking accept-new
              HostKeyAlias other
            """
        let target = try target(text, "web1", user: "joe")
        #expect(target.identities.map(\.path) == ["\(directory.path)/keys/joe on web1", "\(directory.path)/.ssh/me_%_22"])
        #expect(target.identitiesOnly)
        #expect(target.agentSocket == nil)
        #expect(target.knownHostsFiles == ["\(directory.path)/a", "\(directory.path)/b"])
        #expect(target.globalKnownHostsFiles.isEmpty)
        #expect(target.hostKeyPolicy == .acceptNew)
        #expect(target.hostKeyAlias == "other")
    }

    @Test func followsMatch() throws {
        let text = """
            Host alias
              HostName real.example.com
            Match host real.* originalhost alias,x user !root,*
              Port 1000
            Match originalhost alias localuser me
              ConnectTimeout 1m
            Match all
              User everyone
            """
        let target = try target(text, "alias")
        #expect(target.peer == "everyone@real.example.com:1000")
        #expect(target.connectTimeout == .seconds(60))
        #expect(try self.target(text, "alias", user: "root").port == 22)
        #expect(try self.target(text, "elsewhere").peer == "everyone@elsewhere:22")
    }

    @Test func refusesMatchExecOnlyWhereItApplies() throws {
        let config = try config("Match originalhost web1 exec \"true\"\n  Port 1\n")
        #expect(try config.target(for: "db1").port == 22)
        #expect(throws: DiagnosticError.self) { try config.target(for: "web1") }
    }

    @Test func refusesProxyCommandUnlessAJumpComesFirst() throws {
        let config = try config("Host a\n ProxyJump b\nHost * !b\n ProxyCommand nc %h %p\nHost c\n ProxyJump d\n")
        #expect(try config.target(for: "a").jumps.map(\.host) == ["b"])
        do {
            _ = try config.target(for: "c")
            Issue.record("accepted")
        } catch {
            #expect(error.diagnostics.map(\.code) == ["proxy-command"])
            #expect(error.diagnostics.first?.location?.line == 4)
        }
    }

    @Test func resolvesJumps() throws {
        let text = """
            Host inner
              ProxyJump gate1,ops@gate2:2022,ssh://[::1]:23
            Host gate1
              ProxyJump outer
              User g
            Host gate2
              HostName 10.0.0.2
              ProxyJump unused
            """
        let target = try target(text, "inner")
        #expect(target.jumps.map(\.peer) == ["me@outer:22", "g@gate1:22", "ops@10.0.0.2:2022", "me@[::1]:23"])
        #expect(target.jumps.flatMap(\.jumps) == [])
        #expect(throws: DiagnosticError.self) { try self.target("Host a\n ProxyJump a\n", "a") }
        #expect(try self.target("Host a\n ProxyJump none\nHost *\n ProxyJump b\n", "a").jumps.isEmpty)
    }

    @Test func includesFilesByPattern() throws {
        _ = try directory.write("Host web1\n Port 7\nHost other\n Port 8\n", to: ".ssh/b.conf")
        _ = try directory.write("Include loop.conf\n", to: ".ssh/loop.conf")
        let text = "Include *.none b.*\nHost web1\n User late\n"
        #expect(try target(text, "web1").peer == "late@web1:7")
        #expect(try target("Host x\n Include b.conf\n", "web1").port == 22)
        #expect(throws: DiagnosticError.self) { try config("Include loop.conf") }
    }

    @Test func reportsEveryMistakeWithItsPlace() throws {
        do {
            _ = try config("Host \"web\nPort\nMatch hots x\n")
            Issue.record("accepted")
        } catch let error as DiagnosticError {
            let places = error.diagnostics.compactMap(\.location).map { "\($0.line):\($0.column)" }
            #expect(places == ["1:6", "2:1", "3:1"])
            #expect(error.diagnostics.last?.hints == ["did you mean 'host'?"])
        }
        for text in ["Port x", "Port 0", "ConnectTimeout never", "StrictHostKeyChecking maybe", "HostName %z"] {
            #expect(throws: DiagnosticError.self) { try self.target(text, "a") }
        }
    }

    @Test func putsLinesInFront() throws {
        let config = try config("Host *\n Port 1\n User u\n").preceded(by: "Port 2\nProxyJump j", from: "args")
        let target = try config.target(for: "a")
        #expect(target.port == 2)
        #expect(target.user == "u")
        // As with ssh's options, jump hosts don't inherit them.
        #expect(target.jumps.map(\.peer) == ["u@j:1"])
    }

    @Test(arguments: [
        ("host", nil, "host", nil), ("u@host:22", "u", "host", 22), ("u@h@host", "u@h", "host", nil),
        ("[::1]:22", nil, "::1", 22), ("::1", nil, "::1", nil), ("ssh://u@host:1/", "u", "host", 1),
    ] as [(String, String?, String, Int?)])
    func readsPlaces(text: String, user: String?, host: String, port: Int?) throws {
        let place = try #require(SSHPlace(text))
        #expect(place.user == user)
        #expect(place.host == host)
        #expect(place.port == port)
    }

    @Test(arguments: ["", "@host", "u@", "host:0", "host:x", "[::1]x", "-oProxyCommand=x"])
    func refusesOtherPlaces(text: String) { #expect(SSHPlace(text) == nil) }
}
