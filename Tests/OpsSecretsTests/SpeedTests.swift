import Foundation
import OpsCore
import Testing

@testable import OpsSecrets

/// The numbers that were promised. Unoptimised builds are some twenty times slower and get as much more time.
@Suite(.serialized) struct SpeedTests {
    #if DEBUG
        static let slowness = 40.0
    #else
        static let slowness = 1.0
    #endif

    @Test(arguments: [SecretFile.Format.sopsYAML, .sopsJSON])
    func `a thousand values decrypt in 50 ms`(_ format: SecretFile.Format) throws {
        let key = TestKey()
        let lines = (0..<1000).map { "key_\($0): value number \($0) of some length" }
        let objects = (0..<1000).map { "\"key_\($0)\": \"value number \($0) of some length\"" }
        let plain = format == .sopsYAML ? lines.joined(separator: "\n") : "{\(objects.joined(separator: ",\n"))}"
        let file = try SopsFile.encrypt(Array(plain.utf8), format: format, file: "f", recipients: [key.recipient])
        var best = Duration.seconds(100)
        for _ in 0..<5 {
            var count: Int?
            best = try min(
                best,
                ContinuousClock().measure {
                    count = try SopsFile(file, file: "f", keyring: key.keyring).value.map?.count
                })
            #expect(count == 1000)
        }
        print("1000 values of \(format.title): \(best.brief)")
        #expect(best.seconds < 0.050 * Self.slowness)
    }

    @Test func `large files stream at speed`() throws {
        let key = TestKey()
        let piece = [UInt8](repeating: 7, count: 1 << 20)
        var encryptor = try AgeEncryptor(recipients: [key.recipient])
        var decryptor = AgeDecryptor(identities: [key.identity])
        var count = 0
        let time = try ContinuousClock().measure {
            for _ in 0..<32 { count += try decryptor.feed(encryptor.feed(piece)).count }
            count += try decryptor.feed(encryptor.finish()).count + decryptor.finish().count
        }
        print("32 MiB there and back: \(time.brief)")
        #expect(count == 32 << 20)
        #expect(time.seconds < 2 * Self.slowness)
    }

    /// The whole program's peak, as the system counts it: a file of 128 MiB takes no more than one of 1 MiB and the
    /// pieces that are read ahead.
    @Test func `large files need no more memory than small ones`() throws {
        try withScratch { directory in
            let recipient = try SecretKeygen.create(at: directory.appending(path: "key").path)
            func peaks(_ size: Int) throws -> [Int] {
                func path(_ name: String) -> String { directory.appending(path: name).path }
                let (plain, sealed, back) = (path("plain"), path("sealed"), path("back"))
                try Data().write(to: URL(filePath: plain))
                #expect(truncate(plain, off_t(size)) == 0)
                let encrypt = ["encrypt", plain, "--format", "age", "--age", recipient, "--output", sealed]
                let decrypt = ["decrypt", sealed, "--identity", path("key"), "--output", back]
                return try [encrypt, decrypt].map { try Self.peak($0, home: directory.path) }
            }
            let (small, large) = (try peaks(1 << 20), try peaks(128 << 20))
            print("KiB at most: \(small) for 1 MiB, \(large) for 128 MiB")
            for (one, other) in zip(small, large) { #expect(other < one + 24 << 10) }
        }
    }

    /// Runs `opsctl secrets` to its end.
    /// - Returns: its largest resident size, in KiB
    private static func peak(_ words: [String], home: String) throws -> Int {
        let program = ProcessInfo.processInfo.environment["OPSCTL_BINARY"]
            ?? judges.deletingLastPathComponent().deletingLastPathComponent().appending(path: ".build/debug/opsctl").path
        let script = """
            import os, sys
            _, status, usage = os.wait4(os.posix_spawn(sys.argv[1], sys.argv[1:], dict(os.environ)), 0)
            print(usage.ru_maxrss)
            sys.exit(status != 0)
            """
        let run = try Judge.run(["python3", "-c", script, program, "secrets"] + words, environment: ["HOME": home])
        #expect(run.status == 0)
        return try #require(run.text.split(separator: "\n").last.flatMap { Int($0) })
    }
}
