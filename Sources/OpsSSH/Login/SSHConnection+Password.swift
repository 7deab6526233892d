import OpsCore
import OpsTransport

/// Logging in with a password, by the method of that name (RFC 4252, section 8).
extension SSHConnection {
    func tryPassword(_ login: Login, _ log: inout LoginLog) async throws(TransportError) {
        let rounds = login.target.password == nil ? 3 : 1
        for _ in 0..<rounds {
            let given = login.target.password
            let asked = given == nil ? await login.ask(.password) : nil
            guard let password = given ?? asked else { return }
            log.add("password")
            let good = try await attempt(otherwise: false) { [self] () throws(SSHFailure) in
                try password.reveal { text throws(SSHFailure) in
                    try session.login(user: login.target.user, password: text) ? true : nil
                }
            }
            if good { return }
        }
    }
}
