import Foundation
import OpsCore
import Testing

@testable import OpsSecrets

/// The directory of the data files beside these tests.
let vectors = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Vectors")
let judges = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().appending(path: "judges")

/// A directory of its own for one test, gone afterwards.
func withScratch<T>(_ body: (URL) throws -> T) throws -> T {
    let directory = FileManager.default.temporaryDirectory.appending(path: "opsctl-secrets-\(UUID().uuidString)")
    try FileManager.default.createDirectory(
        at: directory, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    defer { try? FileManager.default.removeItem(at: directory) }
    return try body(directory)
}

/// The Python environment with the judges, made at first use.
let judgeEnvironment: Result<URL, any Error> = Result {
    guard try Judge.run([judges.appending(path: "setup").path]).status == 0 else { throw CocoaError(.fileNoSuchFile) }
    if let path = ProcessInfo.processInfo.environment["OPSCTL_JUDGES"] { return URL(filePath: path) }
    return judges.deletingLastPathComponent().deletingLastPathComponent().appending(path: ".build/judges")
}

/// One run of another program, the judge of what is tested.
struct Judge {
    var status: Int32
    var output: Data
    var text: String { String(decoding: output, as: UTF8.self) }

    /// Runs a program of the judges' environment.
    static func python(
        _ program: String, _ arguments: [String], input: some DataProtocol = Data(), environment: [String: String] = [:]
    ) throws -> Judge {
        let path = try judgeEnvironment.get().appending(path: "bin/\(program)").path
        return try run([path] + arguments, input: input, environment: environment)
    }

    /// Fails the test if the program can't be started; a missing judge must not pass for a verdict.
    static func run(_ arguments: [String], input: some DataProtocol = Data(), environment: [String: String] = [:])
        throws -> Judge
    {
        try withScratch { directory in
            let process = Process()
            process.executableURL = URL(filePath: "/usr/bin/env")
            process.arguments = arguments
            process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
            let (inFile, outFile, errFile) = (
                directory.appending(path: "in"), directory.appending(path: "out"), directory.appending(path: "err")
            )
            try Data(input).write(to: inFile)
            for file in [outFile, errFile] { try Data().write(to: file) }
            process.standardInput = try FileHandle(forReadingFrom: inFile)
            process.standardOutput = try FileHandle(forWritingTo: outFile)
            process.standardError = try FileHandle(forWritingTo: errFile)
            try process.run()
            process.waitUntilExit()
            if process.terminationStatus != 0 {
                let complaint = String(decoding: try Data(contentsOf: errFile), as: UTF8.self)
                print(arguments.prefix(4), "says:", complaint.suffix(2000))
            }
            return Judge(status: process.terminationStatus, output: try Data(contentsOf: outFile))
        }
    }
}

/// A pair of age keys made for tests.
struct TestKey {
    let identity: AgeX25519Identity
    let recipient: AgeX25519Recipient
    var keyring: SecretKeyring { SecretKeyring(identities: [identity]) }

    init() {
        identity = AgeX25519Identity()
        recipient = identity.recipient
    }

    func write(to file: URL) throws {
        try identity.revealText { try Data(($0 + "\n").utf8).write(to: file) }
    }
}

extension Value {
    /// The text inside a secret or a string, for comparing in tests.
    var revealed: String? {
        switch self {
        case .secret(let secret): secret.reveal { $0 }
        case .string(let text): text
        default: nil
        }
    }
}
