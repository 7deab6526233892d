/// bcrypt, the password hash of OpenBSD (Provos and Mazières, "A Future-Adaptable Password Scheme", 1999), which
/// Prometheus' `basic_auth_users` and Apache's `htpasswd` take.
public enum Bcrypt {
    /// Costs that are allowed; each step doubles the work.
    public static let costs = 4...31
    private static let text = Array("OrpheanBeholderScryDoubt".utf8)

    /// The hash without its prefix and salt.
    ///
    /// - Parameters:
    ///   - password: of which only the first 72 bytes count, the closing zero byte among them.
    ///   - salt: 16 bytes.
    ///   - cost: the logarithm of the number of rounds, in `costs`.
    /// - Returns: 23 bytes.
    public static func hash(password: [UInt8], salt: [UInt8], cost: Int) -> [UInt8] {
        let key = Array((password + [0]).prefix(72))
        var cipher = Blowfish()
        cipher.expand(key: key, salt: salt)
        for _ in 0..<(1 << min(max(cost, costs.lowerBound), costs.upperBound)) {
            cipher.expand(key: key)
            cipher.expand(key: salt)
        }
        var words = stride(from: 0, to: text.count, by: 4).map { start in
            text[start..<start + 4].reduce(0) { $0 << 8 | UInt32($1) }
        }
        for _ in 0..<64 {
            for pair in stride(from: 0, to: words.count, by: 2) {
                (words[pair], words[pair + 1]) = cipher.encrypt(words[pair], words[pair + 1])
            }
        }
        return Array(words.flatMap { word in stride(from: 24, through: 0, by: -8).map { UInt8(word >> UInt32($0) & 0xFF) } }.dropLast())
    }
}
