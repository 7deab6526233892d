import OpsCore

/// A file, directory or symbolic link in a tar stream.
public struct TarEntry: Sendable, Hashable {
    public enum Kind: Sendable, Hashable {
        case file(Content)
        case directory
        case symlink(target: String)
    }

    /// Where a file's bytes come from.
    public enum Content: Sendable, Hashable {
        case bytes([UInt8])
        /// A file on this machine, read while it is sent. It must have this size then.
        case file(path: String, size: Int)

        var size: Int {
            switch self {
            case .bytes(let bytes): bytes.count
            case .file(_, let size): size
            }
        }
    }

    /// Relative to where the stream is unpacked.
    public var path: String
    public var kind: Kind
    /// Permission bits, such as 0o644.
    public var mode: Int
    /// Seconds since 1970.
    public var modified: Int

    public init(path: String, kind: Kind, mode: Int, modified: Int = 0) {
        self.path = path
        self.kind = kind
        self.mode = mode
        self.modified = modified
    }

    /// What stands before the entry's content: one header block, and blocks with the name if it's a long one.
    /// - Throws: `Diagnostic` if the path leaves the directory, holds a NUL, or the file is over 8 GiB.
    func header() throws(Diagnostic) -> [UInt8] {
        try checkPath()
        var blocks: [UInt8] = []
        var target = ""
        var size = 0
        let type: UInt8
        switch kind {
        case .file(let content):
            type = UInt8(ascii: "0")
            size = content.size
        case .directory:
            type = UInt8(ascii: "5")
        case .symlink(let link):
            type = UInt8(ascii: "2")
            target = link
        }
        let name = kind == .directory ? path + "/" : path
        let split = TarHeader.split(name)
        if split == nil { blocks += TarHeader.longName(name, type: UInt8(ascii: "L")) }
        if target.utf8.count > TarHeader.nameLength { blocks += TarHeader.longName(target, type: UInt8(ascii: "K")) }
        blocks +=
            TarHeader(
                prefix: split?.prefix ?? [], name: split?.name ?? Array(name.utf8.prefix(TarHeader.nameLength)),
                type: type,
                mode: mode, size: size, modified: modified, target: Array(target.utf8.prefix(TarHeader.nameLength))
            ).block
        return blocks
    }

    private func checkPath() throws(Diagnostic) {
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
        if path.isEmpty || parts.contains("..") || parts.contains("") || path.utf8.contains(0) {
            throw Diagnostic(code: "tar-path", "'\(path)' is not a path below a directory")
        }
        if case .symlink(let target) = kind, target.isEmpty || target.utf8.contains(0) {
            throw Diagnostic(code: "tar-link", "the symbolic link '\(path)' has no target")
        }
        if case .file(let content) = kind, content.size > TarHeader.largestSize {
            throw Diagnostic(code: "tar-size", "'\(path)' is larger than 8 GiB")
        }
    }
}

/// One 512-byte header in the ustar format (POSIX.1-1988; POSIX.1-2017, pax, "ustar Interchange Format").
///
/// Names over 255 bytes take GNU's `L` and `K` blocks (GNU tar manual, "Basic Tar Format") and not pax
/// records: GNU tar, bsdtar and busybox all read the former, and busybox skips the latter silently.
struct TarHeader {
    static let blockSize = 512
    static let nameLength = 100
    static let prefixLength = 155
    /// What eleven octal digits hold.
    static let largestSize = (1 << 33) - 1

    var prefix: [UInt8] = []
    var name: [UInt8]
    var type: UInt8
    var mode = 0
    var size = 0
    var modified = 0
    var target: [UInt8] = []

    /// Owner and group are root, by number.
    var block: [UInt8] {
        var block: [UInt8] = []
        block.reserveCapacity(Self.blockSize)
        block += Self.padded(name, to: Self.nameLength)
        block += Self.octal(mode & 0o7777, digits: 7) + Self.octal(0, digits: 7) + Self.octal(0, digits: 7)
        block += Self.octal(size, digits: 11)
        block += Self.octal(min(max(0, modified), Self.largestSize), digits: 11)
        block += [UInt8](repeating: UInt8(ascii: " "), count: 8)
        block.append(type)
        block += Self.padded(target, to: Self.nameLength)
        block += Array("ustar\0".utf8) + Array("00".utf8)
        block += [UInt8](repeating: 0, count: 32 + 32)
        block += Self.octal(0, digits: 7) + Self.octal(0, digits: 7)
        block += Self.padded(prefix, to: Self.prefixLength)
        block = Self.padded(block, to: Self.blockSize)
        let sum = block.reduce(0) { $0 + Int($1) }
        block.replaceSubrange(148..<156, with: Self.octal(sum, digits: 6) + [UInt8(ascii: " ")])
        return block
    }

    /// Splits a name at a slash into what fits the two fields; nil if none does.
    static func split(_ path: String) -> (prefix: [UInt8], name: [UInt8])? {
        let bytes = Array(path.utf8)
        if bytes.count <= nameLength { return ([], bytes) }
        let slashes = bytes.indices.dropLast().filter { bytes[$0] == UInt8(ascii: "/") }
        guard let cut = slashes.first(where: { bytes.count - $0 - 1 <= nameLength }), cut <= prefixLength, cut > 0
        else { return nil }
        return (Array(bytes[..<cut]), Array(bytes[(cut + 1)...]))
    }

    /// An entry whose content is the name of the entry after it.
    static func longName(_ name: String, type: UInt8) -> [UInt8] {
        let content = Array(name.utf8) + [0]
        let header = TarHeader(name: Array("././@LongLink".utf8), type: type, size: content.count)
        return header.block + padded(content, to: (content.count + blockSize - 1) / blockSize * blockSize)
    }

    private static func padded(_ bytes: [UInt8], to size: Int) -> [UInt8] {
        bytes + [UInt8](repeating: 0, count: max(0, size - bytes.count))
    }

    private static func octal(_ number: Int, digits: Int) -> [UInt8] {
        let text = Array(String(number, radix: 8).utf8)
        return [UInt8](repeating: UInt8(ascii: "0"), count: max(0, digits - text.count)) + text + [0]
    }
}
