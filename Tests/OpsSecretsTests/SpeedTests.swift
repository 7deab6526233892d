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

    @Test func `large files stream at speed and in little memory`() throws {
        let key = TestKey()
        let piece = [UInt8](repeating: 7, count: 1 << 20)
        var encryptor = try AgeEncryptor(recipients: [key.recipient])
        var decryptor = AgeDecryptor(identities: [key.identity])
        var (count, largest) = (0, 0)
        let time = try ContinuousClock().measure {
            for _ in 0..<32 {
                let plain = try decryptor.feed(encryptor.feed(piece))
                count += plain.count
                largest = max(largest, plain.count)
            }
            count += try decryptor.feed(encryptor.finish()).count + decryptor.finish().count
        }
        print("32 MiB there and back: \(time.brief)")
        #expect(count == 32 << 20)
        #expect(largest < 2 << 20)
        #expect(time.seconds < 2 * Self.slowness)
    }
}
