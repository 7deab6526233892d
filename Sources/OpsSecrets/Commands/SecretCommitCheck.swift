import Foundation
import OpsCore

/// The git pre-commit hook: no plain secret gets into the repository. Needs no key.
public enum SecretCommitCheck {
    /// The hook's script, for `.git/hooks/pre-commit`.
    public static let hook = "#!/bin/sh\n# Refuses plain secrets.\nexec opsctl secrets check --staged\n"

    /// What is wrong with a file about to be committed.
    /// - Parameters:
    ///   - path: relative to the repository
    ///   - isConfigured: whether `.sops.yaml` says that the file is encrypted
    public static func findings(_ bytes: [UInt8], path: String, isConfigured: Bool = false) -> [Diagnostic] {
        if let key = privateKey(in: bytes) {
            return [
                Diagnostic(
                    code: "secret-private-key", "the file holds a private key (\(key))", at: SourceLocation(file: path),
                    hints: ["keep keys outside the repository; if it was ever pushed, replace the key"])
            ]
        }
        if isConfigured || SecretPlaces.isSecret(path) { return SecretForm.findings(bytes, file: path) }
        guard SecretPlaces.isVault(path) else { return [] }
        return SecretFile.detect(bytes) == .plain ? plainPasswords(bytes, file: path) : SecretForm.findings(bytes, file: path)
    }

    /// Passwords of a file that may hold `!vault` values beside plain ones.
    private static func plainPasswords(_ bytes: [UInt8], file: String) -> [Diagnostic] {
        do {
            return try InlineVault.plainValues(bytes, file: file).filter { SecretCheck.isPassword($0.key) }.map { key, location in
                Diagnostic(
                    code: "secret-plain-value", "the value of '\(key)' is not encrypted", at: location,
                    hints: ["encrypt the file with: opsctl secrets encrypt \(file)"])
            }
        } catch let error as Diagnostic {
            return [error]
        } catch {
            return [Diagnostic(code: "secret-unreadable", "cannot read the file", at: SourceLocation(file: file))]
        }
    }

    private static let keyMarks = ["AGE-SECRET-KEY-", "PRIVATE KEY-----"]

    private static func privateKey(in bytes: [UInt8]) -> String? {
        // Private keys are small; a marker in a large file is prose.
        guard bytes.count < 64 << 10 else { return nil }
        for line in String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline) {
            let line = line.drop { $0 == " " }
            if line.hasPrefix(keyMarks[0]), line.utf8.count >= 74, !line.contains(" ") { return "age" }
            if line.hasPrefix("-----BEGIN"), line.contains(keyMarks[1]), !line.contains("PUBLIC") { return "PEM" }
        }
        return nil
    }
}
