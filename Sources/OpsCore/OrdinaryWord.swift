/// Tells values of secret files that are names and not passwords: `admin_user: admin`, `port: 587`.
///
/// Such a value stays a `Secret` like every other. But hiding it wherever its letters stand would tear `alerts.yml`
/// and `opsctl-alerts` apart, and so tell everyone what was hidden. It is masked where it stands as a word of its own.
enum OrdinaryWord {
    private static let longestWord = 12
    private static let longestNumber = 5

    /// Last words of the keys under which a short value names somebody or something.
    private static let names: Set<String> = [
        "user", "username", "login", "name", "account", "role", "org", "email", "mail", "from", "to", "sender", "host",
        "hostname", "server", "address", "domain", "realm", "port", "database", "db", "region",
    ]

    /// Whether the key speaks of a name, and the text is a short word of small letters (the first may be large) or a
    /// small number. Anything that could be a password is not.
    static func isOne(_ text: String, under key: String) -> Bool {
        guard names.contains(lastWord(key)) else { return false }
        let bytes = Array(text.utf8)
        if bytes.allSatisfy(isDigit) { return bytes.count <= longestNumber }
        guard bytes.count <= longestWord, let first = bytes.first, isSmall(first | 0x20) else { return false }
        return bytes.dropFirst().allSatisfy(isSmall)
    }

    private static func lastWord(_ key: String) -> String {
        key.lowercased().split { !$0.isLetter }.last.map(String.init) ?? ""
    }

    /// Whether the bytes in `range` stand apart from what is around them. Letters, digits, `-` and `_` belong to a
    /// word; a point or slash does if it is followed by more of one, as in file names and addresses.
    static func standsApart(_ bytes: [UInt8], _ range: Range<Int>) -> Bool {
        !isJoined(bytes, range.lowerBound - 1, step: -1) && !isJoined(bytes, range.upperBound, step: 1)
    }

    private static func isJoined(_ bytes: [UInt8], _ index: Int, step: Int) -> Bool {
        guard bytes.indices.contains(index) else { return false }
        if isPart(bytes[index]) { return true }
        let next = index + step
        return (bytes[index] == UInt8(ascii: ".") || bytes[index] == UInt8(ascii: "/"))
            && bytes.indices.contains(next) && isPart(bytes[next])
    }

    private static func isPart(_ byte: UInt8) -> Bool {
        isDigit(byte) || isSmall(byte | 0x20) || byte == UInt8(ascii: "_") || byte == UInt8(ascii: "-") || byte >= 0x80
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
    private static func isSmall(_ byte: UInt8) -> Bool { (0x61...0x7A).contains(byte) }
}
