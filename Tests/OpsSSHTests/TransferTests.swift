import Foundation
@testable import OpsSSH
import OpsTransport
import Testing

@Suite struct TransferTests {
    let server: SSHServer
    let transport: SSHTransport

    init() async throws {
        // Small enough for several key exchanges in the middle of each transfer.
        server = try await SSHServer(["RekeyLimit 8M"])
        transport = try await SSHConnector().connect(to: await server.target())
    }

    private static let size = 50 << 20

    @Test func receivesFiftyMegabytes() async throws {
        let process = try await transport.start("head -c \(Self.size) /dev/zero | tr '\\0' 'x'")
        var (count, strange) = (0, 0)
        let expected = [UInt8](repeating: UInt8(ascii: "x"), count: 64 << 10)
        while let chunk = try await process.read() {
            guard case .stdout(let bytes) = chunk else { continue }
            count += bytes.count
            if memcmp(bytes, expected, bytes.count) != 0 { strange += 1 }
        }
        #expect(try await process.wait() == .exited(0))
        #expect(count == Self.size)
        #expect(strange == 0)
    }

    @Test func sendsFiftyMegabytes() async throws {
        let process = try await transport.start("sha256sum")
        let piece = (0..<(1 << 20)).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) }
        for _ in 0..<50 { try await process.write(piece) }
        try await process.finishInput()
        var text = ""
        while let chunk = try await process.read() {
            if case .stdout(let bytes) = chunk { text += String(decoding: bytes, as: UTF8.self) }
        }
        let directory = try TemporaryDirectory()
        let file = "\(directory.path)/data"
        var data = Data(capacity: Self.size)
        for _ in 0..<50 { data.append(contentsOf: piece) }
        try data.write(to: URL(fileURLWithPath: file))
        let expected = try await Program.run("/usr/bin/sha256sum", file)
        #expect(text.prefix(64) == expected.prefix(64))
        #expect(try await process.wait() == .exited(0))
    }

    @Test func sendsAndReceivesAtOnce() async throws {
        let process = try await transport.start("cat")
        let piece = [UInt8](repeating: 7, count: 1 << 20)
        async let sent: Void = {
            for _ in 0..<20 { try await process.write(piece) }
            try await process.finishInput()
        }()
        var count = 0
        while let chunk = try await process.read() {
            if case .stdout(let bytes) = chunk { count += bytes.count }
        }
        try await sent
        #expect(count == 20 << 20)
    }

    /// A program that prints without end is held back when nobody reads, and other commands go on.
    @Test func holdsBackEndlessOutput() async throws {
        let endless = try await transport.start("yes")
        _ = try await endless.read()
        try await Task.sleep(for: .milliseconds(300))
        for _ in 0..<5 {
            #expect(try await transport.run("echo on").stdout == "on\n")
            try await Task.sleep(for: .milliseconds(10))
        }
        // A channel's window is 2 MiB; without one, half a second of this program would be gigabytes.
        #expect(await transport.connection.heldBytes < 8 << 20)
        await endless.close()
        #expect(try await transport.run("echo still").stdout == "still\n")
    }
}

extension SSHConnection {
    /// What libssh2 holds for this connection.
    fileprivate var heldBytes: Int { session.memory.liveBytes }
}
