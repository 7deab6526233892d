/// Reads the data types of SSH messages (RFC 4251, section 5), never past the end.
struct WireReader {
    private var rest: UnsafeRawBufferPointer

    init(_ bytes: UnsafeRawBufferPointer) { rest = bytes }

    var isAtEnd: Bool { rest.isEmpty }

    mutating func byte() -> UInt8? {
        guard let first = rest.first else { return nil }
        rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst())
        return first
    }

    mutating func uint32() -> UInt32? {
        guard rest.count >= 4 else { return nil }
        let value = UInt32(bigEndian: rest.loadUnaligned(as: UInt32.self))
        rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(4))
        return value
    }

    mutating func bytes(limit: Int = 1 << 20) -> [UInt8]? {
        guard let count = uint32(), count <= limit, Int(count) <= rest.count else { return nil }
        let value = Array(rest.prefix(Int(count)))
        rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(Int(count)))
        return value
    }

    mutating func string(limit: Int = 1 << 16) -> String? {
        bytes(limit: limit).map { String(decoding: $0, as: UTF8.self) }
    }
}

/// Writes the same types.
struct WireWriter {
    private(set) var bytes: [UInt8] = []

    mutating func append(byte: UInt8) { bytes.append(byte) }

    mutating func append(uint32 value: UInt32) {
        withUnsafeBytes(of: value.bigEndian) { bytes.append(contentsOf: $0) }
    }

    mutating func append(bytes value: some Collection<UInt8>) {
        append(uint32: UInt32(value.count))
        bytes.append(contentsOf: value)
    }

    mutating func append(_ text: String) { append(bytes: Array(text.utf8)) }
}
