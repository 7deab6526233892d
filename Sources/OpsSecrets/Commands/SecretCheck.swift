import Foundation
import OpsCore

/// `opsctl secrets check`: what can be found out about secrets before a deploy.
public enum SecretCheck {
    /// A key that a file must have.
    public struct Requirement: Hashable, Sendable {
        /// Joined by points, without the file's name: `password` for `smtp.password` in `smtp.yml`.
        public var key: String
        /// What reads it; nil if an example names it.
        public var usedAt: SourceLocation?
        /// False if it is read under a condition only: then its absence may be meant.
        public var isCertain: Bool

        public init(_ key: String, usedAt: SourceLocation? = nil, isCertain: Bool = true) {
            (self.key, self.usedAt, self.isCertain) = (key, usedAt, isCertain)
        }
    }

    /// Opens a file and looks at what is in it.
    /// - Returns: the values, if the file opens, and all findings
    public static func check(
        _ path: String, required: [Requirement] = [], keyring: SecretKeyring
    ) -> (value: Value?, findings: [Diagnostic]) {
        var findings = DiagnosticCollector()
        let value: Value?
        do {
            value = try findings.collect { try SecretFile.load(path, keyring: keyring) }
        } catch {
            findings.add(Diagnostic(code: "secret-unreadable", "cannot open the file", at: SourceLocation(file: path)))
            value = nil
        }
        guard let value else { return (nil, findings.diagnostics) }
        findings.add(contentsOf: missing(required, in: value, file: path))
        findings.add(contentsOf: weak(value, file: path))
        return (value, findings.diagnostics)
    }

    /// Keys that aren't there, or are empty.
    public static func missing(_ required: [Requirement], in value: Value, file: String) -> [Diagnostic] {
        let known = SecretDiff.leaves(of: value).map(\.0)
        return required.compactMap { requirement in
            let key = requirement.key
            let found = SecretPath.value(at: SecretPath.parse(key), in: value)
            let isEmpty = found.map { $0 == .null || $0 == .string("") } ?? false
            guard found == nil || isEmpty else { return nil }
            let place = requirement.usedAt.map { "; \($0.file):\($0.line) reads it" } ?? ""
            let condition = requirement.isCertain ? "" : ", under a condition"
            return Diagnostic(
                requirement.isCertain ? .error : .warning, code: "secret-missing",
                "the secret '\(key)' is \(isEmpty ? "empty" : "missing")\(place)\(condition)", at: SourceLocation(file: file),
                hints: (isEmpty ? [] : NearestName.hints(for: key, in: known))
                    + ["set it with: opsctl secrets set \(file) \(key)"])
        }
    }

    /// Every key that a file of examples names.
    public static func keys(ofExample value: Value) -> [String] { SecretDiff.leaves(of: value).map(\.0) }

    private static let defaults: Set<String> = [
        "admin", "administrator", "password", "passw0rd", "secret", "changeme", "change-me", "change_me", "default",
        "grafana", "prometheus", "alertmanager", "test", "example", "letmein", "root", "toor", "qwerty", "123456",
        "12345678", "123456789", "1234567890", "admin123", "password1", "password123", "hunter2", "todo", "xxx",
    ]
    private static let passwordWords = ["password", "passwd", "passphrase", "secret", "token", "api_key", "apikey"]
    private static let grafanaLength = 20
    private static let usualLength = 12

    /// Passwords that are known defaults, or short. Values are never shown.
    public static func weak(_ value: Value, file: String) -> [Diagnostic] {
        let isGrafana = (file as NSString).lastPathComponent.lowercased().hasPrefix("grafana")
        return SecretDiff.leaves(of: value).compactMap { path, leaf in
            guard case .secret(let secret) = leaf else { return nil }
            let name = path.split(separator: ".").last { Int($0) == nil }.map { $0.lowercased() } ?? path
            guard passwordWords.contains(where: name.contains) else { return nil }
            let isAdmin = name.contains("admin") && (isGrafana || path.lowercased().contains("grafana"))
            let (length, isDefault) = secret.reveal { text in
                (text.count, defaults.contains(text.lowercased()) || Set(text).count == 1)
            }
            let needed = isAdmin ? grafanaLength : usualLength
            if isDefault { return weak(.error, "'\(path)' is a well-known default", path, file) }
            guard length > 0, length < needed else { return nil }
            let message = "'\(path)' is shorter than \(needed) characters"
            return weak(isAdmin ? .error : .warning, message, path, file)
        }
    }

    private static func weak(
        _ severity: Diagnostic.Severity, _ message: String, _ path: String, _ file: String
    ) -> Diagnostic {
        Diagnostic(
            severity, code: "secret-weak", message, at: SourceLocation(file: file),
            hints: ["replace it: opsctl secrets generate | opsctl secrets set \(file) \(path)"])
    }
}
