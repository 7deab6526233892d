import OpsCore

/// How bcrypt's salt and hash are written: `$2b$12$`, 22 characters of salt, 31 of hash.
struct BcryptText {
    private static let alphabet = Array("./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789".utf8)
    private static let saltLength = 22
    /// Each one more doubles the time; this takes seconds.
    private static let highestCost = 16

    private let ident: String
    private let cost: Int
    private let salt: [UInt8]

    /// The arguments of `password_hash('bcrypt', salt, salt_size, rounds, ident)`; a salt is made if none is given.
    init(_ call: Call) throws {
        ident = try call.given(4).map { _ in try call.string(4, default: "2b") } ?? "2b"
        guard ["2a", "2b", "2y"].contains(ident) else { throw call.fail("the ident of bcrypt must be 2a, 2b or 2y") }
        cost = try call.given(3).map { _ in try call.int(3) } ?? 12
        guard (4...Self.highestCost).contains(cost) else {
            throw call.fail("the rounds of bcrypt must be from 4 to \(Self.highestCost)")
        }
        guard let text = try PasswordHash.givenSalt(call) else {
            salt = (0..<16).map { _ in UInt8.random(in: .min ... .max) }
            return
        }
        guard text.utf8.count == Self.saltLength, let bytes = Self.decode(text) else {
            throw call.fail("the salt of bcrypt must be \(Self.saltLength) of the characters ./A-Za-z0-9")
        }
        salt = bytes
    }

    func hash(_ password: String, _ call: Call) throws -> String {
        guard let bcrypt = call.frame.environment.bcrypt else { throw call.fail("bcrypt is not available here") }
        let digest = bcrypt(Array(password.utf8), salt, cost)
        return "$\(ident)$\(cost < 10 ? "0" : "")\(cost)$\(Self.encode(salt))\(Self.encode(digest))"
    }

    private static func encode(_ bytes: [UInt8]) -> String {
        var text: [UInt8] = []
        var (bits, count): (UInt32, UInt32) = (0, 0)
        for byte in bytes {
            bits = bits << 8 | UInt32(byte)
            count += 8
            while count >= 6 {
                count -= 6
                text.append(alphabet[Int(bits >> count & 63)])
            }
        }
        if count > 0 { text.append(alphabet[Int(bits << (6 - count) & 63)]) }
        return String(decoding: text, as: UTF8.self)
    }

    /// The 16 bytes of a salt; the last four bits of its last character don't count.
    private static func decode(_ text: String) -> [UInt8]? {
        var bytes: [UInt8] = []
        var (bits, count): (UInt32, UInt32) = (0, 0)
        for character in text.utf8 {
            guard let value = alphabet.firstIndex(of: character) else { return nil }
            bits = bits << 6 | UInt32(value)
            count += 6
            if count >= 8 {
                count -= 8
                bytes.append(UInt8(bits >> count & 0xFF))
            }
        }
        return bytes
    }
}
