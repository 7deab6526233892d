import Foundation

/// A user of the machine that exists only for one server: the server runs in a mount namespace of its own
/// with other account files. Needs root, as all tests with real servers of other makes do.
struct TestAccount {
    static let password = "correct horse"
    let name = "tester"
    let home: String
    private let passwd: String
    private let shadow: String

    /// - Parameter directory: where the account's files and home go.
    init(in directory: TemporaryDirectory, authorized: [TestKey], shell: String = "/bin/sh") async throws {
        home = "\(directory.path)/home"
        try FileManager.default.createDirectory(
            atPath: "\(home)/.ssh", withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        var keys = ""
        for key in authorized { keys += try await key.publicLine() + "\n" }
        _ = try directory.write(keys, to: "home/.ssh/authorized_keys")
        let hash = try await Program.run("/usr/bin/openssl", "passwd", "-6", TestAccount.password)
        let accounts = try String(contentsOfFile: "/etc/passwd", encoding: .utf8)
        let secrets = try String(contentsOfFile: "/etc/shadow", encoding: .utf8)
        passwd = try directory.write("tester:x:0:0::\(home):\(shell)\n" + accounts, to: "passwd", mode: 0o644)
        shadow = try directory.write("tester:\(hash.filter { !$0.isNewline }):19000:0:99999:7:::\n" + secrets, to: "shadow")
    }

    /// The command that runs `command` where the account exists.
    func wrap(_ command: [String]) -> [String] {
        let script = "mount --bind \(passwd) /etc/passwd && mount --bind \(shadow) /etc/shadow && exec \"$@\""
        return ["/usr/bin/unshare", "--mount", "/bin/sh", "-c", script, "sh"] + command
    }
}
