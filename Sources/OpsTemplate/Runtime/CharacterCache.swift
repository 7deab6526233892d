import OpsCore

/// The code points of the long text that was asked for last.
///
/// A template that goes through a text by index, or asks for its length in every round, would otherwise count them
/// from its start each time.
final class CharacterCache {
    private var indexed: (text: String, scalars: [Unicode.Scalar]) = ("", [])
    private var counted: (text: String, count: Int) = ("", 0)

    /// Texts of up to so many bytes are looked through each time.
    private static let short = 256

    func scalars(_ text: String) -> [Unicode.Scalar] {
        if text.utf8.count <= CharacterCache.short { return Array(text.unicodeScalars) }
        if !CharacterCache.isSame(indexed.text, text) { indexed = (text, Array(text.unicodeScalars)) }
        return indexed.scalars
    }

    func count(_ text: String) -> Int {
        if text.utf8.count <= CharacterCache.short { return text.scalarCount }
        if !CharacterCache.isSame(counted.text, text) { counted = (text, text.scalarCount) }
        return counted.count
    }

    /// Whether both are the same text in memory, which the cache keeps from being used for another.
    private static func isSame(_ a: String, _ b: String) -> Bool {
        a.utf8.count == b.utf8.count && a.withBytes { a in b.withBytes { b in a.baseAddress == b.baseAddress } }
    }
}
