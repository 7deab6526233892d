import Foundation
import OpsCore
import OpsSecrets

@testable import OpsProject

/// A project in a directory of its own, removed when the fixture goes.
final class ProjectFixture: Sendable {
    let root: String
    let files: ProjectFiles

    /// - Parameter contents: texts by path; a path that ends in `!` becomes executable.
    init(_ contents: [String: String], keyring: SecretKeyring = SecretKeyring()) throws {
        root = FileManager.default.temporaryDirectory.appendingPathComponent("opsproject-\(UUID().uuidString)").path
        for (name, text) in contents {
            let path = root + "/" + name.trimmingCharacters(in: ["!"])
            try FileManager.default.createDirectory(
                atPath: (path as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
            try text.write(toFile: path, atomically: true, encoding: .utf8)
            if name.hasSuffix("!") {
                try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
            }
        }
        files = ProjectFiles(root: root, keyring: keyring)
    }

    deinit { try? FileManager.default.removeItem(atPath: root) }
}

extension ModuleCatalogue {
    /// Enough modules for the tests of loading.
    static let sample = ModuleCatalogue([
        "copy": Module(arguments: ["src", "dest", "mode", "content", "owner"]),
        "command": Module(arguments: ["cmd", "chdir", "creates", "removes", "stdin"], takesCommandLine: true),
        "shell": Module(arguments: ["cmd", "chdir", "creates", "removes"], takesCommandLine: true),
        "debug": Module(arguments: ["msg", "var"]),
        "set_fact": Module(arguments: nil),
        "service": Module(arguments: ["name", "state"]),
    ])
}
