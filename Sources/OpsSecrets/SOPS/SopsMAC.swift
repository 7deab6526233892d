import Crypto
import Foundation

/// SOPS's checksum: SHA-512 over the canonical bytes of every value in document order, comments left out.
struct SopsMAC {
    private var hash = SHA512()
    private let onlyEncrypted: Bool

    init(onlyEncrypted: Bool) {
        self.onlyEncrypted = onlyEncrypted
        // A fixed start, so that the two kinds of checksum can never be mistaken for each other.
        if onlyEncrypted { hash.update(data: Data(SHA256.hash(data: Data("sops".utf8)))) }
    }

    mutating func add(_ scalar: SopsScalar, isEncrypted: Bool) {
        guard scalar.kind != .comment, isEncrypted || !onlyEncrypted else { return }
        hash.update(data: Data(scalar.text.utf8))
    }

    /// Upper-case hexadecimal.
    var text: String { Hex.encode(Array(hash.finalize())).uppercased() }
}
