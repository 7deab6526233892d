#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Wiping of key material.
///
/// Keys live in swift-crypto's `SymmetricKey`, which zeroes its memory when the last copy goes. Byte
/// arrays that hold key material or plaintext for a moment are overwritten here, by a call that the
/// optimiser must not drop. This is as far as Swift allows: copies made by `String`, by `Data` inside
/// Foundation, by array growth and by swapping can't be reached, so a decrypted `Secret` stays in
/// memory until it is reused.
extension [UInt8] {
    package mutating func wipe() {
        withUnsafeMutableBytes { buffer in
            guard let base = buffer.baseAddress else { return }
            #if canImport(Darwin)
                memset_s(base, buffer.count, 0, buffer.count)
            #else
                explicit_bzero(base, buffer.count)
            #endif
        }
        removeAll()
    }
}
