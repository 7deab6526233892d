#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

extension LocalEnvironment {
    /// From `HOME`, the password database and `SSH_AUTH_SOCK`.
    public static let current: LocalEnvironment = {
        let account = getpwuid(getuid())?.pointee
        let user = account.map { String(cString: $0.pw_name) } ?? variable("USER") ?? "root"
        let home = variable("HOME") ?? account.map { String(cString: $0.pw_dir) } ?? "/"
        return LocalEnvironment(home: home, user: user, agentSocket: variable("SSH_AUTH_SOCK"))
    }()

    private static func variable(_ name: String) -> String? {
        guard let value = getenv(name), value.pointee != 0 else { return nil }
        return String(cString: value)
    }
}
