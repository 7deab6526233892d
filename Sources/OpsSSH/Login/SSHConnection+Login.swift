import CLibSSH2
import OpsCore
import OpsTransport

/// Logging in: keys, then a password.
extension SSHConnection {
    /// Tries what there is until the host is satisfied.
    /// - Throws: `.loginRefused` with what was tried and what the host would have accepted.
    func logIn(_ login: Login) async throws(TransportError) {
        var log = LoginLog(user: login.target.user)
        do throws(TransportError) {
            try await tryMethods(login, &log)
        } catch .connectionLost {
            // Told below: libssh2 reports a host that hangs up as a refused key too.
        }
        if session.isAuthenticated, failure == nil { return }
        if let reason = session.disconnectReason {
            log.note("then the host hung up (\(reason))")
        } else if let failure {
            throw failure
        }
        throw .loginRefused(peer: peer, user: log.user, tried: log.tried, offered: offered ?? [])
    }

    private func tryMethods(_ login: Login, _ log: inout LoginLog) async throws(TransportError) {
        for method in ["publickey", "keyboard-interactive", "password"] {
            if method != "publickey", offered == nil { try await askForMethods(login) }
            if session.isAuthenticated { return }
            if let accepted = offered, !accepted.contains(method) { continue }
            switch method {
            case "publickey": try await tryKeys(login, &log)
            case "password": try await tryPassword(login, &log)
            default: try await tryInteractive(login, &log)
            }
            if session.isAuthenticated { return }
        }
    }

    /// Methods that can continue, as the host said with its latest refusal; nil before the first.
    var offered: [String]? { session.memory.lastLoginFailure?.methods }

    private func askForMethods(_ login: Login) async throws(TransportError) {
        let methods = try await attempt(otherwise: []) { [self] () throws(SSHFailure) in
            try session.loginMethods(user: login.target.user)
        }
        session.memory.lastLoginFailure = LoginFailure(methods: methods, partialSuccess: false)
    }

    /// Runs a step of the login until it gives a value; `no` if the host or the key says no.
    func attempt<Value: Sendable>(
        otherwise no: Value, _ step: @escaping () throws(SSHFailure) -> Value?
    ) async throws(TransportError) -> Value {
        let noMeansNo = [
            LIBSSH2_ERROR_AUTHENTICATION_FAILED, LIBSSH2_ERROR_PUBLICKEY_UNVERIFIED, LIBSSH2_ERROR_PASSWORD_EXPIRED,
            LIBSSH2_ERROR_FILE, LIBSSH2_ERROR_METHOD_NOT_SUPPORTED,
        ]
        return try await perform { _ in
            do throws(SSHFailure) {
                return try step()
            } catch {
                if noMeansNo.contains(error.code) { return no }
                throw error
            }
        }
    }
}
