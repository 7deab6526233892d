import Foundation

/// A private key for tests.
enum TestKey: String, CaseIterable, Sendable {
    case ed25519, ecdsa, rsa, rsaPEM, stranger, locked, lockedECDSA, lockedRSA

    static let passphrase = "open sesame"
    private static let store = Store()

    fileprivate var arguments: [String] {
        switch self {
        case .ed25519, .stranger: ["-t", "ed25519", "-N", ""]
        case .ecdsa: ["-t", "ecdsa", "-N", ""]
        case .rsa: ["-t", "rsa", "-b", "2048", "-N", ""]
        case .rsaPEM: ["-t", "rsa", "-b", "2048", "-m", "PEM", "-N", ""]
        case .lockedRSA: ["-t", "rsa", "-b", "2048", "-N", TestKey.passphrase]
        case .locked: ["-t", "ed25519", "-N", TestKey.passphrase]
        case .lockedECDSA: ["-t", "ecdsa", "-N", TestKey.passphrase]
        }
    }

    /// The private key's file; made once for all tests.
    func path() async throws -> String { try await TestKey.store.path(of: self) }

    func publicLine() async throws -> String {
        try await String(contentsOfFile: path() + ".pub", encoding: .utf8).split(separator: "\n").joined()
    }

    private actor Store {
        private let directory = Result { try TemporaryDirectory() }
        private var made: [TestKey: Task<String, any Error>] = [:]

        func path(of key: TestKey) async throws -> String {
            if let task = made[key] { return try await task.value }
            let path = "\(try directory.get().path)/id_\(key.rawValue)"
            let task = Task {
                _ = try await SSHKeygen.make(path, comment: "test \(key.rawValue)", key.arguments)
                return path
            }
            made[key] = task
            return try await task.value
        }
    }
}

enum SSHKeygen {
    @discardableResult
    static func make(_ path: String, comment: String = "test", _ arguments: [String]) async throws -> String {
        let directory = try TemporaryDirectory()
        let program = try Program(
            ["/usr/bin/ssh-keygen", "-q", "-C", comment, "-f", path] + arguments, output: "\(directory.path)/output")
        guard try await program.ended() == 0 else { throw Program.Failed(description: directory.read("output")) }
        return path
    }
}
