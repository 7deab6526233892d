import OpsTransport
import Testing

@testable import OpsSSH

@Suite struct WireTests {
    private func message(_ build: (inout WireWriter) -> Void) -> ReceivedMessage? {
        var writer = WireWriter()
        build(&writer)
        return writer.bytes.withUnsafeBytes { ReceivedMessage($0) }
    }

    private func exit(_ request: String, _ build: (inout WireWriter) -> Void) -> ProcessEnd? {
        let message = message {
            $0.append(byte: 98)
            $0.append(uint32: 3)
            $0.append(request)
            $0.append(byte: 0)
            build(&$0)
        }
        guard case .processEnded(3, let end) = message else { return nil }
        return end
    }

    @Test func readsHowAProcessEnded() {
        #expect(exit("exit-status") { $0.append(uint32: 7) } == .exited(7))
        #expect(exit("exit-signal") { $0.append("KILL") } == .signaled("KILL"))
        #expect(exit("exit-signal") { $0.append("\u{1B}[2JX") } == .signaled("\u{FFFD}[2JX"))
        #expect(exit("exit-status") { _ in } == nil)
        #expect(exit("keepalive@openssh.com") { $0.append(uint32: 7) } == nil)
    }

    /// Lengths that reach beyond the packet are not followed.
    @Test func staysWithinThePacket() {
        #expect(exit("exit-signal") { $0.append(uint32: 0xFFFF_FFFF) } == nil)
        #expect(exit("exit-signal") { $0.append(uint32: 1000) } == nil)
        #expect(message { $0.append(byte: 92) } == nil)
        #expect(message { _ in } == nil)
    }

    @Test func readsRefusals() {
        let refused = message {
            $0.append(byte: 92)
            $0.append(uint32: 0)
            $0.append(uint32: 2)
            $0.append("Connection refused")
        }
        guard case .channelRefused(let refusal) = refused else {
            Issue.record("not a refusal")
            return
        }
        #expect(refusal.explanation == "Connection refused (cannot connect)")
    }

    @Test func speaksWithAgents() {
        var list = WireWriter()
        list.append(byte: 12)
        list.append(uint32: 1)
        list.append(bytes: [1, 2, 3])
        list.append("me@home")
        #expect(AgentMessages.identities(in: list.bytes) == [AgentIdentity(publicKey: [1, 2, 3], comment: "me@home")])
        #expect(AgentMessages.identities(in: Array(list.bytes.dropLast())) == nil)
        #expect(AgentMessages.identities(in: [5]) == nil)

        var blob = WireWriter()
        blob.append("ssh-ed25519")
        blob.append(bytes: [9, 9])
        var signed = WireWriter()
        signed.append(byte: 14)
        signed.append(bytes: blob.bytes)
        #expect(AgentMessages.signature(in: signed.bytes) == [9, 9])
        #expect(AgentMessages.signature(in: [5]) == nil)
        #expect(AgentMessages.sign([1], with: [2], flags: 4) == [13, 0, 0, 0, 1, 2, 0, 0, 0, 1, 1, 0, 0, 0, 4])
    }

    @Test(arguments: [("ssh-ed25519", 0), ("rsa-sha2-256", 2), ("rsa-sha2-512", 4)] as [(String, UInt32)])
    func tellsTheAgentHowToHash(algorithm: String, flags: UInt32) {
        var request = WireWriter()
        request.append("session id")
        request.append(byte: 50)
        for text in ["user", "ssh-connection", "publickey"] { request.append(text) }
        request.append(byte: 1)
        request.append(algorithm)
        #expect(AgentMessages.flags(forSigning: request.bytes) == flags)
    }

    @Test func makesTextPrintable() {
        #expect(printable("a\u{1B}[31m\r\nb\u{202E}", limit: 100) == "a\u{FFFD}[31m\u{FFFD}\u{FFFD}b\u{FFFD}")
        #expect(printable(String(repeating: "x", count: 500), limit: 10) == "xxxxxxxxxx")
    }
}
