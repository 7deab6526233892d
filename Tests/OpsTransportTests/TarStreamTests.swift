import Foundation
import OpsCore
import OpsTransport
import Testing

@Suite struct TarStreamTests {
    private func archive(_ entries: [TarEntry], compressed: Bool) async throws -> [UInt8] {
        var bytes: [UInt8] = []
        for try await chunk in TarStream(entries, compressed: compressed) {
            #expect(chunk.count <= TarStream.chunkSize)
            bytes += chunk
        }
        return bytes
    }

    /// Unpacks with the real tools into a new directory.
    private func withUnpacked(
        _ entries: [TarEntry], compressed: Bool, tar: String, _ body: (URL) throws -> Void
    ) async throws {
        let directory = FileManager.default.temporaryDirectory.appending(path: "opsctl-tar-\(UUID())")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        let session = HostSession(transport: LocalTransport())
        let script = "umask 077; cd \(directory.path) && \(tar) -x\(compressed ? "z" : "")pf -"
        let result = try await session.upload(TarStream(entries, compressed: compressed), to: script)
        await session.close()
        #expect(result.stderr.text == "")
        #expect(result.succeeded)
        try body(directory)
        try FileManager.default.removeItem(at: directory)
    }

    private static let longDirectory = String(repeating: "long-directory/", count: 20)

    @Test(arguments: [("tar", true), ("tar", false), ("busybox tar", true), ("busybox tar", false)])
    func theToolsUnpackWhatWasPacked(_ tar: String, _ compressed: Bool) async throws {
        let source = NSTemporaryDirectory() + "opsctl-tar-source-\(UUID())"
        let large = (0..<300_001).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) }
        try Data(large).write(to: URL(filePath: source))
        let middle = String(repeating: "d", count: 90) + "/" + String(repeating: "f", count: 90)
        let long = Self.longDirectory + String(repeating: "n", count: 120)
        let link = String(repeating: "t", count: 130)
        let entries: [TarEntry] = [
            .init(path: "empty", kind: .file(.bytes([])), mode: 0o600),
            .init(path: "ümlaut é", kind: .file(.bytes(Array("hi\n".utf8))), mode: 0o4755, modified: 1_000_000_000),
            .init(path: "dir", kind: .directory, mode: 0o711),
            .init(path: "dir/large", kind: .file(.file(path: source, size: large.count)), mode: 0o640),
            .init(path: middle, kind: .file(.bytes([UInt8](repeating: 1, count: 512))), mode: 0o644),
            .init(path: long, kind: .file(.bytes([7])), mode: 0o644),
            .init(path: "link", kind: .symlink(target: "dir/large"), mode: 0o777),
            .init(path: "longlink", kind: .symlink(target: link), mode: 0o777),
        ]
        try await withUnpacked(entries, compressed: compressed, tar: tar) { root in
            let manager = FileManager.default
            #expect(try Data(contentsOf: root.appending(path: "empty")).isEmpty)
            #expect(try Data(contentsOf: root.appending(path: "link")) == Data(large))
            #expect(try Data(contentsOf: root.appending(path: middle)).count == 512)
            #expect(try Data(contentsOf: root.appending(path: long)) == Data([7]))
            #expect(try manager.destinationOfSymbolicLink(atPath: root.appending(path: "longlink").path) == link)
            let attributes = try manager.attributesOfItem(atPath: root.appending(path: "ümlaut é").path)
            #expect(attributes[.posixPermissions] as? Int == 0o4755)
            #expect(attributes[.modificationDate] as? Date == Date(timeIntervalSince1970: 1_000_000_000))
            let directory = try manager.attributesOfItem(atPath: root.appending(path: "dir").path)
            #expect(directory[.posixPermissions] as? Int == 0o711)
        }
        try FileManager.default.removeItem(atPath: source)
    }

    @Test(arguments: ["", "/etc/passwd", "../x", "a/../../b", "a//b", "a\0b"])
    func pathsThatLeaveTheDirectoryAreRefused(_ path: String) async throws {
        await #expect(throws: Diagnostic.self) {
            _ = try await archive([.init(path: path, kind: .file(.bytes([])), mode: 0o644)], compressed: false)
        }
    }

    @Test func aFileThatBecameShorterFailsTheUpload() async throws {
        let source = NSTemporaryDirectory() + "opsctl-tar-short-\(UUID())"
        try Data([1, 2, 3]).write(to: URL(filePath: source))
        let entry = TarEntry(path: "a", kind: .file(.file(path: source, size: 4)), mode: 0o644)
        let session = HostSession(transport: LocalTransport())
        let marker = source + ".done"
        await #expect(throws: Diagnostic.self) {
            _ = try await session.upload(TarStream([entry]), to: "cat >/dev/null; touch \(marker)")
        }
        await session.close()
        #expect(!FileManager.default.fileExists(atPath: marker))
        try FileManager.default.removeItem(atPath: source)
    }

    @Test func compressionSavesMostOfAConfiguration() async throws {
        let text = (0..<8000).map { "  - alert: Rule\($0)\n    expr: up{job=\"node-\($0 % 7)\"} == 0\n" }.joined()
        let entry = TarEntry(path: "rules.yml", kind: .file(.bytes(Array(text.utf8))), mode: 0o644)
        let plain = try await archive([entry], compressed: false)
        let packed = try await archive([entry], compressed: true)
        #expect(plain.count % 512 == 0)
        #expect(packed.count * 3 < plain.count)
    }
}
