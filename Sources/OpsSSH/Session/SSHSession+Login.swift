import CLibSSH2

extension SSHSession {
    /// Makes the signature for a public key login.
    enum SigningStep {
        case signature([UInt8])
        case notYet
        case impossible
    }

    var isAuthenticated: Bool { libssh2_userauth_authenticated(raw) == 1 }

    /// Asks which methods the host accepts; nil while more bytes are needed. Empty if it let us in.
    func loginMethods(user: String) throws(SSHFailure) -> [String]? {
        guard let list = libssh2_userauth_list(raw, user, UInt32(user.utf8.count)) else {
            if isAuthenticated { return [] }
            let code = libssh2_session_last_errno(raw)
            if code == LIBSSH2_ERROR_EAGAIN { return nil }
            throw failure(code)
        }
        return String(cString: list).split(separator: ",").map { printable($0, limit: 64) }
    }

    func login(user: String, password: String) throws(SSHFailure) -> Bool {
        try completed(
            libssh2_userauth_password_ex(
                raw, user, UInt32(user.utf8.count), password, UInt32(password.utf8.count), nil))
    }

    /// Logs in with a private key that libssh2 reads and signs with. After `login(user:publicKey:sign:)` that
    /// said "not yet" for the signature, it goes on from there.
    /// - Parameter publicKey: as in an OpenSSH `.pub` file; saves decrypting the private key twice.
    func login(
        user: String, privateKey: [UInt8], publicKey: String?, passphrase: String?
    ) throws(SSHFailure) -> Bool {
        let code = privateKey.withUnsafeBytes { (key) -> CInt in
            let key = key.bindMemory(to: CChar.self)
            return libssh2_userauth_publickey_frommemory(
                raw, user, user.utf8.count, publicKey, publicKey?.utf8.count ?? 0, key.baseAddress, key.count,
                passphrase)
        }
        return try completed(code)
    }

    /// Logs in with a key that somebody else holds.
    /// - Parameter sign: is given the bytes to sign, possibly several times until it has the signature
    ///   (the value inside the signature blob, without the algorithm's name).
    func login(
        user: String, publicKey: [UInt8], sign: @escaping ([UInt8]) -> SigningStep
    ) throws(SSHFailure) -> Bool {
        let signer = Signer(memory: memory, sign: sign)
        let publicKey = SSHSession.presented(publicKey)
        var context: UnsafeMutableRawPointer? = Unmanaged.passUnretained(signer).toOpaque()
        let code = withExtendedLifetime(signer) {
            libssh2_userauth_publickey(
                raw, user, publicKey, publicKey.count,
                { _, signature, length, data, count, abstract in
                    guard let data, let pointer = abstract?.pointee else { return -1 }
                    let signer = Unmanaged<Signer>.fromOpaque(pointer).takeUnretainedValue()
                    switch signer.sign(Array(UnsafeBufferPointer(start: data, count: count))) {
                    case .notYet: return LIBSSH2_ERROR_EAGAIN
                    case .impossible: return -1
                    case .signature(let bytes):
                        return signer.hand(bytes, to: signature, length: length)
                    }
                },
                &context)
        }
        return try completed(code)
    }
}

extension SSHSession {
    /// A public key as libssh2 is given it. Before 1.11, libssh2 takes the name of the signature algorithm from
    /// the key, which for RSA names SHA-1 (`ssh-rsa`), refused by today's hosts. With the name of the SHA-2
    /// algorithm (RFC 8332) in the key's place, it asks for that one, and hosts read the key all the same.
    static func presented(_ publicKey: [UInt8]) -> [UInt8] {
        guard !LibSSH2Version.hasRSASHA2, KeyType.of(publicKey) == "ssh-rsa" else { return publicKey }
        var key = WireWriter()
        key.append("rsa-sha2-512")
        return key.bytes + publicKey.dropFirst(4 + "ssh-rsa".utf8.count)
    }
}

/// Carries the closure through C. libssh2 frees the signature with the session's allocator, so it has to
/// come from there.
private final class Signer {
    let sign: ([UInt8]) -> SSHSession.SigningStep

    let memory: SessionMemory

    init(memory: SessionMemory, sign: @escaping ([UInt8]) -> SSHSession.SigningStep) {
        self.memory = memory
        self.sign = sign
    }

    func hand(
        _ bytes: [UInt8], to signature: UnsafeMutablePointer<UnsafeMutablePointer<UInt8>?>?,
        length: UnsafeMutablePointer<Int>?
    ) -> CInt {
        guard let block = memory.allocate(bytes.count) else { return -1 }
        block.copyMemory(from: bytes, byteCount: bytes.count)
        signature?.pointee = block.assumingMemoryBound(to: UInt8.self)
        length?.pointee = bytes.count
        return 0
    }
}
