/// Searching and comparing text by code points, as Python does, not by Swift's canonical equivalence.
extension String {
    func sameText(as other: String) -> Bool {
        utf8.count == other.utf8.count && withBytes { a in other.withBytes { b in a.elementsEqual(b) } }
    }

    func textIsLess(than other: String) -> Bool { utf8.lexicographicallyPrecedes(other.utf8) }

    /// Calls `body` with the UTF-8 bytes.
    @inline(__always)
    func withBytes<T>(_ body: (UnsafeBufferPointer<UInt8>) throws -> T) rethrows -> T {
        if let result = try utf8.withContiguousStorageIfAvailable(body) { return result }
        return try Array(utf8).withUnsafeBufferPointer(body)
    }

    func containsText(_ part: String) -> Bool {
        withBytes { text in part.withBytes { TextSearch.find($0, in: text, from: 0) != nil } }
    }

    /// All `part`s replaced, at most `limit` of them (negative means all). An empty part matches
    /// between all characters.
    func replacingText(_ part: String, with other: String, limit: Int = -1) -> String {
        if limit == 0 { return self }
        if part.isEmpty { return interleaved(other, limit: limit) }
        let pieces = splitText(part, limit: limit)
        return pieces.count == 1 ? self : pieces.joined(separator: other)
    }

    private func interleaved(_ other: String, limit: Int) -> String {
        var result = ""
        var count = 0
        for scalar in unicodeScalars {
            if limit < 0 || count < limit { result += other }
            count += 1
            result.unicodeScalars.append(scalar)
        }
        if limit < 0 || count < limit { result += other }
        return result
    }

    /// The pieces between `separator`s, at most `limit` cuts from the left (negative means all).
    func splitText(_ separator: String, limit: Int = -1) -> [String] {
        withBytes { text in
            separator.withBytes { mark in
                var pieces: [String] = []
                var start = 0
                while limit < 0 || pieces.count < limit, let found = TextSearch.find(mark, in: text, from: start) {
                    pieces.append(String(decoding: text[start..<found], as: UTF8.self))
                    start = found + mark.count
                }
                pieces.append(String(decoding: text[start...], as: UTF8.self))
                return pieces
            }
        }
    }

    /// Number of code points: what Python's `len` counts.
    var scalarCount: Int { withBytes { bytes in bytes.reduce(0) { $0 + ($1 & 0xC0 == 0x80 ? 0 : 1) } } }

    /// Whether every byte is ASCII, so that code points can be found by index.
    var isASCIIOnly: Bool { withBytes { bytes in bytes.allSatisfy { $0 < 0x80 } } }
}

enum TextSearch {
    /// The first place at or after `start` where `part` stands in `text`.
    static func find(_ part: UnsafeBufferPointer<UInt8>, in text: UnsafeBufferPointer<UInt8>, from start: Int) -> Int? {
        guard let first = part.first else { return start <= text.count ? start : nil }
        var index = start
        let last = text.count - part.count
        search: while index <= last {
            if text[index] == first {
                var offset = 1
                while offset < part.count {
                    if text[index + offset] != part[offset] { index += 1; continue search }
                    offset += 1
                }
                return index
            }
            index += 1
        }
        return nil
    }

    /// The last place before `end` where `part` stands in `text` whole.
    static func findLast(_ part: [UInt8], in text: [UInt8], before end: Int) -> Int? {
        var index = min(end, text.count) - part.count
        while index >= 0 {
            if text[index..<(index + part.count)].elementsEqual(part) { return index }
            index -= 1
        }
        return nil
    }
}
