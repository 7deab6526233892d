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
    /// - Parameters:
    ///   - named: what messages call the file
    ///   - example: the plain file that shows which keys it has; its values aren't secret
    public static func check(
        _ path: String, named name: String? = nil, required: [Requirement] = [], example: PlainDocument? = nil,
        keyring: SecretKeyring
    ) -> [Diagnostic] {
        let file = name ?? path
        do {
            guard let value = try values(path, file, isNeeded: !required.isEmpty, keyring) else { return [] }
            return missing(required, in: value, file: file) + weak(value, file: file, example: example?.texts ?? [:])
        } catch let error as DiagnosticError {
            return error.diagnostics
        } catch let error as Diagnostic {
            return [error]
        } catch {
            return [Diagnostic(code: "secret-unreadable", "cannot open the file", at: SourceLocation(file: file))]
        }
    }

    /// Nil for a file that opens and holds something else than values, such as an archive.
    private static func values(
        _ path: String, _ file: String, isNeeded: Bool, _ keyring: SecretKeyring
    ) throws -> Value? {
        let document = try SecretDocument(SecretFile.read(path, named: file), file: file, keyring: keyring)
        let isData = ["yml", "yaml", "json"].contains((path as NSString).pathExtension)
        return isData || isNeeded || document.format.syntax != nil ? try document.value() : nil
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
    private static let passwordWords = [
        "password", "passwd", "passphrase", "secret", "token", "api_key", "apikey", "credential", "webhook",
    ]
    private static let grafanaLength = 20
    private static let usualLength = 12

    /// Whether a key names something that must not be guessed.
    static func isPassword(_ key: String) -> Bool { passwordWords.contains(where: key.lowercased().contains) }

    /// Passwords that are known defaults or as the example has them, that repeat themselves, or are short. Values are
    /// never shown.
    /// - Parameter example: texts of the example by path
    public static func weak(_ value: Value, file: String, example: [String: String] = [:]) -> [Diagnostic] {
        let isGrafana = (file as NSString).lastPathComponent.lowercased().hasPrefix("grafana")
        return SecretDiff.leaves(of: value).compactMap { path, leaf in
            guard case .secret(let secret) = leaf else { return nil }
            let name = path.split(separator: ".").last { Int($0) == nil }.map { $0.lowercased() } ?? path
            guard isPassword(name) else { return nil }
            let isAdmin = name.contains("admin") && (isGrafana || path.lowercased().contains("grafana"))
            guard let weakness = secret.reveal({ weakness($0, example: example[path]) }) else { return nil }
            let needed = isAdmin ? grafanaLength : usualLength
            switch weakness {
            case .reason(let reason): return weak(.error, "'\(path)' \(reason)", path, file)
            case .length(let length):
                guard length < needed else { return nil }
                return weak(isAdmin ? .error : .warning, "'\(path)' is shorter than \(needed) characters", path, file)
            }
        }
    }

    private enum Weakness {
        case reason(String)
        case length(Int)
    }

    /// Nil for an empty text, which is missing rather than weak.
    private static func weakness(_ text: String, example: String?) -> Weakness? {
        if text.isEmpty { return nil }
        if defaults.contains(text.lowercased()) { return .reason("is a well-known default") }
        if text == example { return .reason("is still what the example has") }
        return repeatsItself(Array(text.unicodeScalars)) ? .reason("repeats a short pattern") : .length(text.count)
    }

    /// Whether a text is one pattern at least twice, the last time perhaps cut short.
    private static func repeatsItself(_ text: [Unicode.Scalar]) -> Bool {
        guard text.count > 1 else { return false }
        return (1...text.count / 2).contains { period in
            zip(text, text.dropFirst(period)).allSatisfy { $0 == $1 }
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
