import OpsCore
import OpsKeys
import OpsTransport

/// Public key login (RFC 4252, section 7): the host is asked whether it wants a key before anything is
/// signed, so nobody is asked for the passphrase of a key that is of no use.
extension SSHConnection {
    func tryKeys(_ login: Login, _ log: inout LoginLog) async throws(TransportError) {
        for key in await LoginKey.collect(for: login.target, loop: loop, log: &log) {
            if let failure = session.memory.lastLoginFailure, !failure.methods.contains("publickey") { return }
            log.add(key.description)
            session.memory.lastLoginFailure?.partialSuccess = false
            if try await tryKey(key, login, &log) || session.memory.lastLoginFailure?.partialSuccess == true { return }
        }
    }

    private func tryKey(_ key: LoginKey, _ login: Login, _ log: inout LoginLog) async throws(TransportError) -> Bool {
        guard let publicKey = key.publicKey else { return try await useFile(key, login, &log) }
        var wrong: Secret?
        for _ in 0..<3 {
            guard let challenge = try await offer(publicKey, login) else { return session.isAuthenticated }
            switch key {
            case .agent(let agent, _):
                let signature = try? await agent.sign(challenge, with: publicKey)
                if signature == nil { log.note("the agent did not sign") }
                return try await answer(signature, publicKey, login)
            case .file(let file):
                guard file.isEncrypted else { return try await use(file, nil, for: challenge, login, &log) }
                guard let passphrase = await login.passphrase(for: file.path, wrong: wrong)
                else {
                    log.note("no passphrase given")
                    return try await answer(nil, publicKey, login)
                }
                let before = session.memory.loginFailures
                if try await use(file, passphrase, for: challenge, login, &log) { return true }
                if session.memory.loginFailures > before { return false }
                wrong = passphrase
            }
        }
        log.note("wrong passphrase")
        return false
    }

    /// Signs the challenge of a host that wants the file's key: libssh2 does, or we do where it only has SHA-1.
    private func use(
        _ file: PrivateKeyFile, _ passphrase: Secret?, for challenge: [UInt8], _ login: Login, _ log: inout LoginLog
    ) async throws(TransportError) -> Bool {
        guard file.type == "ssh-rsa", !LibSSH2Version.hasRSASHA2, let publicKey = file.publicKey else {
            return try await unlock(file, passphrase, login, &log)
        }
        var signature: [UInt8]?
        do throws(SSHKeyError) {
            signature = try file.rsaSignature(of: challenge, passphrase: passphrase)
        } catch {
            if error != .wrongPassphrase { log.note(error.description) }
        }
        return try await answer(signature, publicKey, login)
    }

    /// Asks whether the host would take the key.
    /// - Returns: what to sign; nil if it doesn't want the key (or lets us in right away).
    private func offer(_ publicKey: [UInt8], _ login: Login) async throws(TransportError) -> [UInt8]? {
        try await attempt(otherwise: nil) { [self] () throws(SSHFailure) -> [UInt8]?? in
            var challenge: [UInt8]?
            let done = try session.login(user: login.target.user, publicKey: publicKey) { data in
                challenge = data
                return .notYet
            }
            if let challenge { return .some(challenge) }
            return done ? .some(nil) : nil
        }
    }

    /// Hands in the signature for what `offer` gave; without one, libssh2 is told to give up on the key.
    private func answer(
        _ signature: [UInt8]?, _ publicKey: [UInt8], _ login: Login
    ) async throws(TransportError) -> Bool {
        try await attempt(otherwise: false) { [self] () throws(SSHFailure) in
            let done = try session.login(user: login.target.user, publicKey: publicKey) { _ in
                signature.map { .signature($0) } ?? .impossible
            }
            return done ? true : nil
        }
    }

    /// Lets libssh2 sign with a file; goes on from `offer` if that was called before.
    private func unlock(
        _ file: PrivateKeyFile, _ passphrase: Secret?, _ login: Login, _ log: inout LoginLog
    ) async throws(TransportError) -> Bool {
        let before = session.memory.loginFailures
        let good = try await attempt(otherwise: false) { [self] () throws(SSHFailure) in
            let text: String? = passphrase.map { $0.reveal { $0 } }
            let done = try session.login(
                user: login.target.user, privateKey: file.contents, publicKey: file.publicKeyLine, passphrase: text)
            return done ? true : nil
        }
        if !good, !file.isEncrypted, session.memory.loginFailures == before { log.note("libssh2 cannot use this key") }
        return good
    }

    /// A file in a format whose public key only libssh2 can read.
    private func useFile(_ key: LoginKey, _ login: Login, _ log: inout LoginLog) async throws(TransportError) -> Bool {
        guard case .file(let file) = key else { return false }
        var wrong: Secret?
        for _ in 0..<3 {
            var passphrase: Secret?
            if file.isEncrypted {
                passphrase = await login.passphrase(for: file.path, wrong: wrong)
                if passphrase == nil {
                    log.note("no passphrase given")
                    return false
                }
            }
            let before = session.memory.loginFailures
            if try await unlock(file, passphrase, login, &log) { return true }
            if !file.isEncrypted || session.memory.loginFailures > before { return false }
            wrong = passphrase
        }
        log.note("wrong passphrase")
        return false
    }
}
