import Crypto

/// MD5-crypt by Poul-Henning Kamp, as passlib's `md5_crypt` writes it (FreeBSD `lib/libcrypt/crypt-md5.c`).
enum MD5Crypt {
    private static let prefix = Array("$1$".utf8)

    static func hash(_ password: String, salt: String) -> String {
        let (key, salt) = (Array(password.utf8), Array(salt.utf8))
        let alternate = digest([key, salt, key])
        var parts = [key, prefix, salt, (0..<key.count).map { alternate[$0 % 16] }]
        var length = key.count
        while length > 0 {
            parts.append(length & 1 == 1 ? [0] : Array(key.prefix(1)))
            length >>= 1
        }
        var result = digest(parts)
        for round in 0..<1000 {
            var parts = [round & 1 == 1 ? key : result]
            if round % 3 != 0 { parts.append(salt) }
            if round % 7 != 0 { parts.append(key) }
            parts.append(round & 1 == 1 ? result : key)
            result = digest(parts)
        }
        let groups = [[0, 6, 12], [1, 7, 13], [2, 8, 14], [3, 9, 15], [4, 10, 5], [-1, -1, 11]]
        let text = groups.map { PasswordHash.encode($0.reduce(UInt32(0)) { $0 << 8 | ($1 < 0 ? 0 : UInt32(result[$1])) }, $0) }
        return "$1$\(String(decoding: salt, as: UTF8.self))$\(text.joined())"
    }

    private static func digest(_ parts: [[UInt8]]) -> [UInt8] {
        var function = Insecure.MD5()
        for part in parts { function.update(data: part) }
        return Array(function.finalize())
    }
}
