import Testing

import OpsKeys

/// Vectors of bcrypt's own test suite (Openwall crypt_blowfish `wrapper.c`), as the 23 bytes of their hashes.
struct BcryptTests {
    private static let alphabet = Array("./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789")

    private static func bytes(_ text: Substring, _ count: Int) -> [UInt8] {
        let bits = text.flatMap { character -> [UInt8] in
            let value = UInt8(alphabet.firstIndex(of: character) ?? 0)
            return (0..<6).map { value >> (5 - $0) & 1 }
        }
        return (0..<count).map { index in bits[index * 8..<index * 8 + 8].reduce(0) { $0 << 1 | $1 } }
    }

    @Test(arguments: [
        ("U*U", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"),
        ("U*U*", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.VGOzA784oUp/Z0DY336zx7pLYAy0lwK"),
        ("U*U*U", "$2a$05$XXXXXXXXXXXXXXXXXXXXXOAcXxm9kjPGEMsLznoKqmqw7tc8WCx4a"),
        ("", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.7uG0VCzI2bS7j6ymqJi9CdcdxiRTWNy"),
        (
            "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789chars after 72 are ignored",
            "$2a$05$abcdefghijklmnopqrstuu5s2v8.iXieOjg/.AySBTTZIIVFJeBui"
        ),
    ])
    func hashes(_ password: String, _ expected: String) {
        let salt = Self.bytes(expected.dropFirst(7).prefix(22), 16)
        #expect(Bcrypt.hash(password: Array(password.utf8), salt: salt, cost: 5) == Self.bytes(expected.dropFirst(29), 23))
    }
}
