import Foundation
import OpsTransport
import Testing

@testable import OpsSteps

/// The script that writes one file, run on this machine.
@Suite final class FileWriteTests {
    private let directory: URL

    init() throws {
        directory = FileManager.default.temporaryDirectory.appending(path: "opsctl-write-\(UUID())")
        try FileManager.default.createDirectory(at: directory.appending(path: "programs"), withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: directory) }

    private var path: String { directory.appending(path: "file").path }

    private func write(_ content: String, _ attributes: FileAttributes, prefix: String = "") async throws -> CommandResult {
        let write = FileWrite(path: path, content: Array(content.utf8), attributes: attributes)
        let session = HostSession(transport: LocalTransport())
        let result = try await session.run(prefix + write.script, input: write.content)
        await session.close()
        return result
    }

    /// `cat` is replaced by one that first says what the temporary file looks like.
    @Test func modeAndOwnerAreSetBeforeThereIsContent() async throws {
        let programs = directory.appending(path: "programs")
        let log = directory.appending(path: "log").path
        let cat = programs.appending(path: "cat")
        try "#!/bin/sh\nstat -c '%a %u %s' '\(directory.path)'/.opsctl.* >> '\(log)'\nexec /bin/cat \"$@\"\n"
            .write(to: cat, atomically: true, encoding: .utf8)
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: cat.path)
        let owner = getuid() == 0 ? 65534 : Int(getuid())
        let attributes = FileAttributes(owner: String(owner), mode: FileMode(bits: 0o400))
        let result = try await write("a secret\n", attributes, prefix: "PATH='\(programs.path)':$PATH\n")
        #expect(result.succeeded, "\(result)")
        #expect(try String(contentsOfFile: log, encoding: .utf8) == "400 \(owner) 0\n")
        #expect(try Data(contentsOf: URL(filePath: path)) == Data("a secret\n".utf8))
        let found = try FileManager.default.attributesOfItem(atPath: path)
        #expect(found[.posixPermissions] as? Int == 0o400 && found[.ownerAccountID] as? Int == owner)
    }

    /// The system clears them when somebody who is not root writes.
    @Test func setIDBitsOutliveTheWriting() async throws {
        let result = try await write("#!/bin/sh\n", FileAttributes(mode: FileMode(bits: 0o6755)))
        #expect(result.succeeded, "\(result)")
        #expect(try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int == 0o6755)
    }

    @Test func halfOfTheContentIsNotTaken() async throws {
        try "old".write(toFile: path, atomically: true, encoding: .utf8)
        let write = FileWrite(path: path, content: Array("whole".utf8), attributes: FileAttributes())
        let session = HostSession(transport: LocalTransport())
        let result = try await session.run(write.script, input: Array("who".utf8))
        await session.close()
        #expect(result.end == .exited(6) && result.stderr.text.contains("did not arrive whole"), "\(result)")
        #expect(try String(contentsOfFile: path, encoding: .utf8) == "old")
        #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path).sorted() == ["file", "programs"])
    }
}
