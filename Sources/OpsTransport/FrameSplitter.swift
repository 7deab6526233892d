import Foundation

/// Names one script and marks where its output begins and ends; too random for any output to hit by chance.
struct Nonce: Hashable, Sendable, CustomStringConvertible {
    static let length = 32

    let description: String

    init() {
        description = (0..<2).map { _ in
            let digits = String(UInt64.random(in: .min ... .max), radix: 16)
            return String(repeating: "0", count: 16 - digits.count) + digits
        }.joined()
    }
}

/// Splits one output stream of the shared shell into the outputs of the scripts that run in it.
///
/// Marks are `RS B nonce SP pid RS` when a script begins (standard error only) and `RS E nonce SP status RS`
/// when it has ended, RS being byte 0x1E. Everything else is output, binary or not; a mark cut anywhere
/// by the transport is put together again.
struct FrameSplitter {
    enum Event: Equatable {
        case output(Nonce, ArraySlice<UInt8>)
        /// The number of the process that runs the script, if the host has `/proc`.
        case begin(Nonce, pid: Int?)
        case end(Nonce, status: Int)
    }

    static let separator: UInt8 = 0x1E
    private static let longestNumber = 10

    private var expected: [Nonce] = []
    private var held: [UInt8] = []

    /// Announces the script whose output comes after those announced before.
    mutating func expect(_ nonce: Nonce) { expected.append(nonce) }

    /// Takes a piece of the stream and gives what it completes. Output between scripts, left by what
    /// they put in the background, belongs to nobody and is dropped.
    mutating func feed(_ chunk: [UInt8]) -> [Event] {
        let buffer = held.isEmpty ? chunk : held + chunk
        held = []
        var events: [Event] = []
        var start = 0
        var position = 0
        while let nonce = expected.first {
            guard let found = Self.firstSeparator(in: buffer, from: position) else { break }
            switch Self.mark(in: buffer[found...], nonce: nonce) {
            case .none:
                position = found + 1
                continue
            case .partial:
                if found > start { events.append(.output(nonce, buffer[start..<found])) }
                held = Array(buffer[found...])
                return events
            case .complete(let isEnd, let number, let next):
                if found > start { events.append(.output(nonce, buffer[start..<found])) }
                events.append(isEnd ? .end(nonce, status: number ?? 255) : .begin(nonce, pid: number))
                if isEnd { expected.removeFirst() }
                start = next
                position = next
            }
        }
        if let nonce = expected.first, start < buffer.count { events.append(.output(nonce, buffer[start...])) }
        return events
    }

    private enum Match {
        case none
        case partial
        case complete(isEnd: Bool, number: Int?, next: Int)
    }

    /// Reads a mark at the beginning of `bytes`, which is a separator.
    private static func mark(in bytes: ArraySlice<UInt8>, nonce: Nonce) -> Match {
        let prefix = bytes.dropFirst().prefix(Nonce.length + 2)
        guard let kind = prefix.first else { return .partial }
        let isEnd = kind == UInt8(ascii: "E")
        guard isEnd || kind == UInt8(ascii: "B") else { return .none }
        guard (nonce.description + " ").utf8.starts(with: prefix.dropFirst()) else { return .none }
        let rest = bytes.dropFirst(Nonce.length + 3)
        let number = rest.prefix { $0 != separator }
        guard number.count <= longestNumber, number.allSatisfy({ (0x30...0x39).contains($0) || $0 == 0x2D })
        else { return .none }
        guard number.endIndex < bytes.endIndex, prefix.count == Nonce.length + 2 else { return .partial }
        return .complete(
            isEnd: isEnd, number: Int(String(decoding: number, as: UTF8.self)), next: number.endIndex + 1)
    }

    private static func firstSeparator(in bytes: [UInt8], from start: Int) -> Int? {
        bytes.withUnsafeBytes { raw in
            guard start < raw.count, let base = raw.baseAddress else { return nil }
            guard let found = memchr(base + start, CInt(separator), raw.count - start) else { return nil }
            return UnsafeRawPointer(found) - base
        }
    }
}
