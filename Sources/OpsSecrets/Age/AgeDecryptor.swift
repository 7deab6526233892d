import Crypto

/// Decrypts an age file, binary or armored, given in pieces of any size; holds about 64 KiB of it.
///
/// What `feed` gave before `finish` succeeded must not be used for anything lasting: a file cut
/// short is only found out at its end.
public struct AgeDecryptor {
    private enum Stage {
        case form
        case header
        case nonce(SymmetricKey)
        case payload(AgeStream)
    }

    private let identities: [any AgeIdentity]
    private var armor: AgeArmorDecoder?
    private var stage = Stage.form
    private var buffer: [UInt8] = []

    public init(identities: [any AgeIdentity]) { self.identities = identities }

    /// Takes more of the file, gives the plaintext that is complete.
    /// - Throws: `AgeError`
    public mutating func feed(_ bytes: some Collection<UInt8>) throws -> [UInt8] {
        guard case .form = stage else { return try feedBinary(armorDecoded(bytes)) }
        buffer += bytes
        guard let first = buffer.first(where: { !AgeArmor.isSpace($0) }) else {
            if buffer.count > AgeArmor.maximumWhitespace { throw AgeError.header("it is not an age file") }
            return []
        }
        // Binary files begin with `a`; armor with white space and `-`.
        if first == UInt8(ascii: "-") { armor = AgeArmorDecoder() }
        stage = .header
        let head = buffer
        buffer = []
        return try feedBinary(armorDecoded(head))
    }

    /// Takes the end of the file.
    /// - Throws: `AgeError` if anything is missing
    public mutating func finish() throws -> [UInt8] {
        var output: [UInt8] = []
        if let rest = try armor?.finish() { output += try feedBinary(rest) }
        switch stage {
        case .form, .header: throw AgeError.header("it is cut short")
        case .nonce: throw AgeError.header("it is cut short")
        case .payload(var stream): return output + (try stream.open(buffer, last: true))
        }
    }

    private mutating func armorDecoded(_ bytes: some Collection<UInt8>) throws -> [UInt8] {
        try armor?.feed(bytes) ?? Array(bytes)
    }

    private mutating func feedBinary(_ bytes: [UInt8]) throws -> [UInt8] {
        buffer += bytes
        if case .header = stage, let length = try headerLength() {
            stage = .nonce(try fileKey(of: AgeHeader(parsing: buffer[..<length])))
            buffer.removeFirst(length)
        }
        if case .nonce(let key) = stage, buffer.count >= AgeStream.nonceSize {
            stage = .payload(AgeStream(fileKey: key, nonce: buffer[..<AgeStream.nonceSize]))
            buffer.removeFirst(AgeStream.nonceSize)
        }
        guard case .payload(var stream) = stage else { return [] }
        let output = try openChunks(&stream)
        stage = .payload(stream)
        return output
    }

    /// Opens every chunk that is certain not to be the last one.
    private mutating func openChunks(_ stream: inout AgeStream) throws -> [UInt8] {
        let size = AgeStream.chunkSize + AgeStream.tagSize
        var output: [UInt8] = []
        var used = 0
        while buffer.count - used > size {
            output += try stream.open(buffer[used..<used + size], last: false)
            used += size
        }
        buffer.removeFirst(used)
        return output
    }

    /// Length of the header, once its last line is there.
    private func headerLength() throws -> Int? {
        let intro = AgeHeader.intro.utf8
        guard buffer.starts(with: intro.prefix(buffer.count)) else {
            throw AgeError.header("it is not age-encryption.org/v1")
        }
        let mark = Array("\n---".utf8)
        var start = 0
        while let lineEnd = buffer[start...].firstIndex(of: mark[0]) {
            if buffer[lineEnd...].starts(with: mark), let end = buffer[(lineEnd + 1)...].firstIndex(of: mark[0]) {
                return end + 1
            }
            start = lineEnd + 1
        }
        if buffer.count > AgeHeader.maximumLength { throw AgeError.header("it is too long") }
        return nil
    }

    /// A key that can't be used now, such as one whose passphrase nobody is there to type, leaves it to the others.
    private func fileKey(of header: AgeHeader) throws -> SymmetricKey {
        var unusable: AgeError?
        for identity in identities {
            for stanza in header.stanzas {
                do {
                    guard let key = try identity.unwrap(stanza) else { continue }
                    guard header.isAuthentic(for: key) else { throw AgeError.headerMAC }
                    return key
                } catch let error as AgeError {
                    guard case .key = error else { throw error }
                    unusable = unusable ?? error
                }
            }
        }
        if let unusable { throw unusable }
        try Self.refuseUnsupported(header)
        let onlyPassphrase = header.stanzas.first?.type == AgeScrypt.stanzaType
        if onlyPassphrase, identities.contains(where: { $0 is AgeScryptIdentity || $0 is AgePassphraseQuestion }) {
            throw AgeError.wrongPassphrase()
        }
        throw AgeError.noMatch
    }

    /// Says so if nobody but a kind of key that isn't supported could open the file.
    private static func refuseUnsupported(_ header: AgeHeader) throws {
        let known = [AgeX25519.stanzaType, AgeScrypt.stanzaType, AgeSSH.ed25519Stanza, AgeSSH.rsaStanza]
        guard header.stanzas.allSatisfy({ !known.contains($0.type) }) else { return }
        if header.stanzas.contains(where: { $0.type == "mlkem768x25519" }) {
            throw AgeError.unsupported("post-quantum recipients (mlkem768x25519)")
        }
    }
}
