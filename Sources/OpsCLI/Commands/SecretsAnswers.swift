import Foundation
import OpsCore
import OpsProject
import OpsSecrets

/// Values for the keys of an example: given ones, generated ones, and answers of the person at the terminal.
struct SecretsAnswers {
    /// By file name and key; nil: ask.
    var given: Value?
    var generates: Bool

    /// - Parameter path: `-` is standard input
    static func read(_ path: String) throws -> Value {
        let bytes = try path == "-" ? Array(FileHandle.standardInput.readToEnd() ?? Data()) : SecretsInput.bytes(of: path)
        let name = path == "-" ? "standard input" : path
        let value = try PlainYAML.texts(of: bytes, file: name)
        guard value.map != nil else {
            throw Diagnostic(
                code: "no-value", "the values are no mapping of files to keys", at: SourceLocation(file: name),
                hints: ["write them as in secrets.example/: smtp: {password: ...}"])
        }
        return value
    }

    /// The example's text with a value at every key.
    /// - Throws: `DiagnosticError` with every key that has none
    func fill(_ example: String, name: String) throws -> [UInt8] {
        let format = SecretEncryption.sopsFormat(of: name)
        let file = "secrets.example/\(name)"
        var text = try SecretExample.text(example)
        let stem = (name as NSString).deletingPathExtension
        var findings = DiagnosticCollector()
        for path in try PlainDocument(text, format: format, file: file).paths {
            try findings.collect {
                let value = try answer([stem] + path)
                text = try PlainDocument(text, format: format, file: file).setting(path, to: value)
            }
        }
        try findings.throwIfErrors()
        return text
    }

    private func answer(_ path: [String]) throws -> Secret {
        let name = path.joined(separator: ".")
        if case .secret(let value)? = given.flatMap({ SecretPath.value(at: path, in: $0) }), !value.isEmpty { return value }
        let isPassword = Self.isPassword(path.last { Int($0) == nil } ?? name)
        if generates, isPassword { return try SecretGenerator.password() }
        // Piped input is --values' own; prompts are for people.
        while given == nil {
            guard let answer = try Prompt.secret("\(name)\(isPassword ? " (empty: generate)" : ""):") else { break }
            if !answer.isEmpty { return answer }
            if isPassword { return try SecretGenerator.password() }
        }
        throw Diagnostic(
            code: "no-value", "no value for '\(name)'",
            hints: ["name it in --values, or run it at a terminal\(isPassword ? ", or use --generate" : "")"])
    }

    private static func isPassword(_ key: String) -> Bool {
        ["password", "passwd", "secret", "token", "key"].contains { key.lowercased().contains($0) }
    }
}
