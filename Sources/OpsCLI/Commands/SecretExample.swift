import OpsCore

/// A file of `secrets.example/` as the beginning of a real one.
enum SecretExample {
    /// Its text without the comment at its head, if an empty line sets that apart: it speaks of the example. Comments
    /// that stand right above a key are the key's.
    /// - Throws: `Diagnostic`
    static func text(_ path: String) throws -> [UInt8] {
        let bytes = try SecretsInput.bytes(of: path)
        let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        let head = lines.prefix { $0.first == UInt8(ascii: "#") || $0.first == UInt8(ascii: ";") }.count
        guard head > 0, lines.indices.contains(head), lines[head].isEmpty else { return bytes }
        let blank = lines[head...].prefix(while: \.isEmpty).count
        return Array(lines[(head + blank)...].joined(separator: [UInt8(ascii: "\n")]))
    }
}
