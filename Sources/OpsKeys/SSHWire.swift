/// Reads the length-prefixed fields of SSH's binary formats (RFC 4251 section 5).
struct SSHWireReader {
    private(set) var rest: ArraySlice<UInt8>

    init(_ bytes: some Collection<UInt8>) { rest = Array(bytes)[...] }

    mutating func uint32() -> UInt32? {
        guard rest.count >= 4 else { return nil }
        defer { rest = rest.dropFirst(4) }
        return rest.prefix(4).reduce(0) { $0 << 8 | UInt32($1) }
    }

    mutating func string() -> [UInt8]? {
        guard let length = uint32(), rest.count >= Int(length) else { return nil }
        defer { rest = rest.dropFirst(Int(length)) }
        return Array(rest.prefix(Int(length)))
    }

    mutating func text() -> String? { string().flatMap { String(validating: $0, as: UTF8.self) } }

    /// A positive number without its leading zero bytes.
    mutating func positiveInteger() -> [UInt8]? {
        guard let bytes = string(), bytes.first ?? 0 < 0x80 else { return nil }
        return Array(bytes.drop { $0 == 0 })
    }
}

/// Writes them.
struct SSHWireWriter {
    private(set) var bytes: [UInt8] = []

    mutating func string(_ content: some Collection<UInt8>) {
        let count = UInt32(content.count)
        for shift in stride(from: 24, through: 0, by: -8) { bytes.append(UInt8(count >> UInt32(shift) & 0xFF)) }
        bytes += content
    }

    mutating func positiveInteger(_ content: some Collection<UInt8>) {
        let digits = Array(content.drop { $0 == 0 })
        string(digits.first ?? 0 >= 0x80 ? [0] + digits : digits)
    }
}
