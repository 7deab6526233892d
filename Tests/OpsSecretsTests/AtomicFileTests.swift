import Foundation
import OpsCore
import Testing

@testable import OpsSecrets

/// Files are replaced as a whole, and plain secrets are for their owner only.
struct AtomicFileTests {
    private func mode(_ path: String) throws -> Int {
        try #require(try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int)
    }

    @Test func `a failed write leaves the old file and nothing else`() throws {
        try withScratch { directory in
            let path = directory.appending(path: "f.yml").path
            try AtomicFile.write(Array("old".utf8), to: path, access: .kept(new: 0o640))
            try AtomicFile.write(Array("new".utf8), to: path)
            #expect(try mode(path) == 0o640)
            #expect(throws: Diagnostic.self) { try AtomicFile.write([1], to: directory.path) }
            #expect(throws: Diagnostic.self) { try AtomicFile.write([1], to: path + "/below") }
            #expect(throws: CocoaError.self) {
                try AtomicFile.write(to: path) { append in
                    try append([1])
                    throw CocoaError(.userCancelled)
                }
            }
            #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path) == ["f.yml"])
            #expect(try String(contentsOfFile: path, encoding: .utf8) == "new")
        }
    }

    @Test(arguments: [0o666, 0o644, 0o600, 0o400])
    func `plain text is for its owner only, whatever was there`(_ before: Int) throws {
        try withScratch { directory in
            let path = directory.appending(path: "f").path
            #expect(FileManager.default.createFile(atPath: path, contents: Data(), attributes: [.posixPermissions: before]))
            try AtomicFile.write(Array("plain".utf8), to: path, access: .ownerOnly)
            #expect(try mode(path) == 0o600)
            try AtomicFile.write(Array("plain".utf8), to: path + "2", access: .ownerOnly)
            #expect(try mode(path + "2") == 0o600)
        }
    }

    @Test(arguments: [false, true])
    func `nobody else sees a file before it is complete`(_ isNamed: Bool) throws {
        try withScratch { directory in
            let path = directory.appending(path: "f").path
            let file = try UnfinishedFile(beside: path, isNamed: isNamed)
            try file.append(Array("half".utf8))
            let visible = try FileManager.default.contentsOfDirectory(atPath: directory.path)
            #expect(visible.count == (isNamed ? 1 : 0))
            for name in visible { #expect(try mode("\(directory.path)/\(name)") == 0o600) }
            try file.append(Array(" and half".utf8))
            try file.finish(as: path)
            #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path) == ["f"])
            #expect(try String(contentsOfFile: path, encoding: .utf8) == "half and half")
            try UnfinishedFile(beside: path, isNamed: isNamed).discard()
            #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path) == ["f"])
        }
    }

    @Test(.enabled(if: getuid() == 0, "only root may give files away"))
    func `a file keeps its owner and group`() throws {
        try withScratch { directory in
            let path = directory.appending(path: "f").path
            try AtomicFile.write([1], to: path, access: .kept(new: 0o640))
            #expect(chown(path, 1234, 2345) == 0)
            for access in [AtomicFile.Access.kept(new: 0o600), .ownerOnly] {
                try AtomicFile.write([2], to: path, access: access)
                let found = try FileManager.default.attributesOfItem(atPath: path)
                #expect(found[.ownerAccountID] as? Int == 1234 && found[.groupOwnerAccountID] as? Int == 2345)
            }
        }
    }
}
