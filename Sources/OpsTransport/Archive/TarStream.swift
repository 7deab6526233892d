import Foundation
import OpsCore

/// A tar archive as chunks of bytes, made while they are sent, gzipped or plain.
///
/// For `HostSession.upload` to a script such as `tar -xzf - -C DIR`. Directories have to come before what is in them.
public struct TarStream: AsyncSequence, Sendable {
    /// Chunks are at most this large.
    public static let chunkSize = 64 * 1024

    private let entries: [TarEntry]
    private let compressed: Bool

    /// - Parameter compressed: as gzip. Text shrinks to a fourth, which saves round trips on a slow connection.
    public init(_ entries: [TarEntry], compressed: Bool = true) {
        self.entries = entries
        self.compressed = compressed
    }

    public func makeAsyncIterator() -> Iterator { Iterator(entries: entries, compressed: compressed) }

    public struct Iterator: AsyncIteratorProtocol {
        private var archive: TarArchive
        private let gzip: GzipStream?
        private var isFinished = false

        init(entries: [TarEntry], compressed: Bool) {
            archive = TarArchive(entries: entries)
            gzip = compressed ? GzipStream() : nil
        }

        /// - Throws: `Diagnostic` for an entry that cannot be sent, or a file that changed meanwhile.
        public mutating func next() async throws -> [UInt8]? {
            guard let gzip else { return try archive.next() }
            while !isFinished {
                let plain = try archive.next()
                isFinished = plain == nil
                let packed = try gzip.feed(plain ?? [], finish: isFinished)
                if !packed.isEmpty { return packed }
            }
            return nil
        }
    }
}

/// The archive's bytes, one chunk at a time.
private struct TarArchive {
    private var entries: IndexingIterator<[TarEntry]>
    private var pending: [UInt8] = []
    private var file: OpenFile?
    private var isFinished = false

    init(entries: [TarEntry]) { self.entries = entries.makeIterator() }

    mutating func next() throws -> [UInt8]? {
        while pending.count < TarStream.chunkSize, !isFinished { try fill() }
        guard !pending.isEmpty else { return nil }
        let chunk = Array(pending.prefix(TarStream.chunkSize))
        pending.removeFirst(chunk.count)
        return chunk
    }

    private mutating func fill() throws {
        if let open = file {
            pending += try open.read(atMost: TarStream.chunkSize)
            if open.isAtEnd {
                pad(open.size)
                file = nil
            }
            return
        }
        guard let entry = entries.next() else {
            pending += [UInt8](repeating: 0, count: 2 * TarHeader.blockSize)
            isFinished = true
            return
        }
        pending += try entry.header()
        switch entry.kind {
        case .file(.bytes(let bytes)):
            pending += bytes
            pad(bytes.count)
        case .file(.file(let path, let size)):
            file = try OpenFile(path: path, size: size)
        case .directory, .symlink:
            break
        }
    }

    private mutating func pad(_ size: Int) {
        let rest = size % TarHeader.blockSize
        if rest > 0 { pending += [UInt8](repeating: 0, count: TarHeader.blockSize - rest) }
    }
}

/// A file whose size was told in advance.
private final class OpenFile {
    let path: String
    let size: Int
    private let handle: FileHandle
    private var left: Int

    init(path: String, size: Int) throws {
        self.path = path
        self.size = size
        left = size
        guard let handle = FileHandle(forReadingAtPath: path) else {
            throw Diagnostic(code: "file-unreadable", "cannot read '\(path)'")
        }
        self.handle = handle
    }

    deinit { try? handle.close() }

    var isAtEnd: Bool { left == 0 }

    func read(atMost limit: Int) throws -> [UInt8] {
        guard left > 0 else { return [] }
        let bytes = try handle.read(upToCount: min(limit, left)).map { Array($0) } ?? []
        guard !bytes.isEmpty else {
            throw Diagnostic(code: "file-changed", "'\(path)' became shorter while it was sent")
        }
        left -= bytes.count
        return bytes
    }
}
