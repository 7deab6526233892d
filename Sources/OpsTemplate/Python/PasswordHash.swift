import Crypto
import OpsCore

/// Password hashes for `/etc/shadow`: SHA-crypt by Ulrich Drepper's specification, with passlib's defaults.
struct PasswordHash {
    private let isSHA512: Bool
    private let salt: String
    private let rounds: Int

    private static let alphabet = Array("./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")

    /// What `password_hash(hashtype, salt, salt_size, rounds, ident)` gives.
    static func text(_ password: String, _ call: Call) throws -> String {
        switch try call.string(0, default: "sha512") {
        case "sha512", "sha512_crypt": try PasswordHash(call, isSHA512: true).hash(password)
        case "sha256", "sha256_crypt": try PasswordHash(call, isSHA512: false).hash(password)
        case "md5", "md5_crypt": MD5Crypt.hash(password, salt: try salt(call, longest: 8))
        case "blowfish", "bcrypt": try BcryptText(call).hash(password, call)
        case let other:
            throw call.fail("the hash type '\(other)' is not supported", hints: ["use sha512, sha256, blowfish (bcrypt) or md5"])
        }
    }

    private init(_ call: Call, isSHA512: Bool) throws {
        self.isSHA512 = isSHA512
        salt = try Self.salt(call, longest: 16)
        rounds = try call.given(3).map { _ in try call.int(3) } ?? (isSHA512 ? 656_000 : 535_000)
        guard (1000...5_000_000).contains(rounds) else { throw call.fail("the rounds must be from 1000 to 5000000") }
    }

    /// The salt that is given, or a new one.
    private static func salt(_ call: Call, longest: Int) throws -> String {
        let size = try call.given(2).map { _ in try call.int(2) } ?? longest
        guard (1...longest).contains(size) else { throw call.fail("the salt size must be from 1 to \(longest)") }
        let salt = try givenSalt(call) ?? String((0..<size).compactMap { _ in alphabet.randomElement() })
        guard salt.count <= longest, salt.allSatisfy({ alphabet.contains($0) }) else {
            throw call.fail("the salt must be at most \(longest) of the characters ./0-9A-Za-z")
        }
        return salt
    }

    /// An empty salt stands for none.
    static func givenSalt(_ call: Call) throws -> String? {
        guard let text = try call.given(1)?.printed(), !text.isEmpty else { return nil }
        return text
    }

    private func hash(_ password: String) throws -> String {
        let digest = isSHA512 ? digest(password, SHA512.self) : digest(password, SHA256.self)
        let order = isSHA512 ? PasswordHash.order512 : PasswordHash.order256
        var text = ""
        for group in order {
            text += PasswordHash.encode(group.reduce(UInt32(0)) { $0 << 8 | ($1 < 0 ? 0 : UInt32(digest[$1])) }, group)
        }
        let shown = rounds == 5000 ? "" : "rounds=\(rounds)$"
        return "$\(isSHA512 ? 6 : 5)$\(shown)\(salt)$\(text)"
    }

    /// Bytes of the digest in the order they are encoded, three at a time; -1 stands for nothing.
    private static let order512: [[Int]] = (0..<21).map { index in
        let bytes = [index, index + 21, index + 42]
        let turn = index % 3
        return Array(bytes[turn...] + bytes[..<turn])
    } + [[-1, -1, 63]]

    private static let order256: [[Int]] = (0..<10).map { index in
        let bytes = [index, index + 10, index + 20]
        let turn = (3 - index % 3) % 3
        return Array(bytes[turn...] + bytes[..<turn])
    } + [[-1, 31, 30]]

    static func encode(_ value: UInt32, _ group: [Int]) -> String {
        let count = 4 - group.filter { $0 < 0 }.count
        return String((0..<count).map { alphabet[Int(value >> UInt32(6 * $0) & 63)] })
    }

    private func digest<Hash: HashFunction>(_ password: String, _ type: Hash.Type) -> [UInt8] {
        let (key, salt) = (Array(password.utf8), Array(salt.utf8))
        func hash(_ parts: [[UInt8]]) -> [UInt8] {
            var function = Hash()
            for part in parts { function.update(data: part) }
            return Array(function.finalize())
        }
        func stretched(_ block: [UInt8], to count: Int) -> [UInt8] { (0..<count).map { block[$0 % block.count] } }
        let alternate = hash([key, salt, key])
        var parts = [key, salt, stretched(alternate, to: key.count)]
        var length = key.count
        while length > 0 {
            parts.append(length & 1 == 1 ? alternate : key)
            length >>= 1
        }
        var result = hash(parts)
        let keyBytes = stretched(hash(Array(repeating: key, count: key.count)), to: key.count)
        let saltBytes = stretched(hash(Array(repeating: salt, count: 16 + Int(result[0]))), to: salt.count)
        for round in 0..<rounds {
            var parts = [round & 1 == 1 ? keyBytes : result]
            if round % 3 != 0 { parts.append(saltBytes) }
            if round % 7 != 0 { parts.append(keyBytes) }
            parts.append(round & 1 == 1 ? result : keyBytes)
            result = hash(parts)
        }
        return result
    }
}
