import Foundation

/// Wiping of key material.
///
/// Keys live in swift-crypto's `SymmetricKey`, which zeroes its memory when the last copy goes. Byte
/// arrays that hold key material or plaintext for a moment are overwritten here. This is as far as
/// Swift allows: copies made by `String`, by `Data` inside Foundation, by array growth and by the
/// kernel's page cache can't be reached, so a decrypted `Secret` stays in memory until it is reused.
extension [UInt8] {
    mutating func wipe() {
        withUnsafeMutableBytes { buffer in
            guard let base = buffer.baseAddress else { return }
            // `memset` through a pointer the optimiser can't see past isn't available; a volatile-like
            // loop with an opaque barrier is.
            for offset in 0..<buffer.count { base.storeBytes(of: 0, toByteOffset: offset, as: UInt8.self) }
            withExtendedLifetime(base) {}
        }
        removeAll()
    }
}
