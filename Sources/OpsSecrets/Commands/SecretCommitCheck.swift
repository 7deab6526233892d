import Foundation
import OpsCore

/// The git pre-commit hook: no plain secret gets into the repository. Needs no key.
public enum SecretCommitCheck {
    /// The hook's script, for `.git/hooks/pre-commit`.
    public static let hook = "#!/bin/sh\n# Refuses plain secrets.\nexec opsctl secrets check --staged\n"

    /// What is wrong with a file about to be committed.
    /// - Parameter path: relative to the repository
    public static func findings(_ bytes: [UInt8], path: String) -> [Diagnostic] {
        if let key = privateKey(in: bytes) {
            return [
                Diagnostic(
                    code: "secret-private-key", "the file holds a private key (\(key))", at: SourceLocation(file: path),
                    hints: ["keep keys outside the repository; if it was ever pushed, replace the key"])
            ]
        }
        guard isSecretsFile(path) else { return [] }
        let format = SecretFile.detect(bytes)
        guard format != .plain else { return [SecretFile.plain(path, bytes)] }
        guard let syntax = format.syntax, let text = String(validating: bytes, as: UTF8.self) else { return [] }
        do {
            return plainValues(in: try syntax.parse(text, file: path))
        } catch {
            return [error]
        }
    }

    /// Files below a directory `secrets`, but for notes and configuration.
    public static func isSecretsFile(_ path: String) -> Bool {
        let parts = path.split(separator: "/")
        guard let name = parts.last, parts.dropLast().contains("secrets") else { return false }
        return !name.hasPrefix(".sops.y") && !name.hasPrefix(".git") && !name.hasPrefix("README")
    }

    /// Values of a SOPS file that its rule wants encrypted and that aren't.
    private static func plainValues(in document: SopsDocument) -> [Diagnostic] {
        guard let metadata = document.metadata, let selector = SopsSelector(metadata.rule) else { return [] }
        return document.leaves.compactMap { leaf in
            guard !leaf.isComment, let scalar = leaf.scalar, !scalar.text.isEmpty, selector.isEncrypted(leaf),
                !SopsCipher.isEncrypted(scalar.text)
            else { return nil }
            let name = leaf.path.joined(separator: ".")
            return Diagnostic(
                code: "secret-plain-value", "the value of '\(name)' is not encrypted", at: leaf.location,
                hints: ["encrypt it with: opsctl secrets set \(leaf.location.file) \(name)"])
        }
    }

    private static let keyMarks = ["AGE-SECRET-KEY-1", "PRIVATE KEY-----"]

    private static func privateKey(in bytes: [UInt8]) -> String? {
        // Private keys are small; a marker in a large file is prose.
        guard bytes.count < 64 << 10, let text = String(validating: bytes, as: UTF8.self) else { return nil }
        for line in text.split(whereSeparator: \.isNewline) {
            let line = line.drop { $0 == " " }
            if line.hasPrefix(keyMarks[0]), line.utf8.count == 74 { return "age" }
            if line.hasPrefix("-----BEGIN"), line.contains(keyMarks[1]), !line.contains("PUBLIC") { return "PEM" }
        }
        return nil
    }
}
