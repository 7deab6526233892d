import Foundation
import OpsCore
import OpsTemplate

/// `lookup('password', 'path length=20 chars=ascii_letters,digits')`: makes a password once, and keeps it in a file.
struct PasswordLookup {
    let files: ProjectFiles

    private static let sets = [
        "ascii_letters": "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ",
        "ascii_lowercase": "abcdefghijklmnopqrstuvwxyz",
        "ascii_uppercase": "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "digits": "0123456789", "hexdigits": "0123456789abcdefABCDEF",
        "punctuation": "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~",
    ]

    func value(_ term: String, _ call: FunctionCall) throws -> Value {
        let form = ShortForm(term) { ["length", "chars", "encrypt", "ident", "seed"].contains($0) }
        var options = call.options
        for (key, value) in form.pairs { options[key] = .string(value) }
        for unsupported in ["encrypt", "ident", "seed"] where options[unsupported].map({ $0 != .null }) == true {
            throw Diagnostic(
                code: "lookup", "'\(unsupported)' of the lookup 'password' is not supported",
                hints: unsupported == "encrypt" ? ["use the filter 'password_hash'"] : [])
        }
        let path = form.rest.trimmed
        if path != "/dev/null", files.exists(path) {
            let kept = try files.text(path).split(whereSeparator: \.isNewline).first ?? ""
            return .secret(Secret(kept.split(separator: " salt=")[0].trimmed))
        }
        let password = try make(options)
        if path != "/dev/null" { try keep(password, path) }
        return .secret(Secret(password))
    }

    private func make(_ options: [String: Value]) throws -> String {
        let length = options["length"]?.int ?? options["length"]?.string.flatMap { Int($0) } ?? 20
        guard (1...10_000).contains(length) else {
            throw Diagnostic(code: "lookup", "the length of a password must be from 1 to 10000")
        }
        let names =
            options["chars"]?.list?.compactMap(\.string)
            ?? options["chars"]?.string.map { $0.split(separator: ",").map(String.init) } ?? [
                "ascii_letters", "digits", ".,:-_",
            ]
        let characters = Array(Set(names.map { Self.sets[$0] ?? $0 }.joined())).sorted()
        guard !characters.isEmpty else { throw Diagnostic(code: "lookup", "a password needs characters to be made of") }
        var generator = SystemRandomNumberGenerator()
        return String((0..<length).map { _ in characters[Int.random(in: characters.indices, using: &generator)] })
    }

    private func keep(_ password: String, _ path: String) throws {
        let target = files.absolute(path)
        do {
            try FileManager.default.createDirectory(
                atPath: ProjectFiles.directory(of: target), withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700])
        } catch { throw Diagnostic(code: "lookup", "the directory of '\(files.display(path))' can't be made") }
        let attributes: [FileAttributeKey: Any] = [.posixPermissions: 0o600]
        guard
            FileManager.default.createFile(
                atPath: target, contents: Data((password + "\n").utf8), attributes: attributes)
        else {
            throw Diagnostic(code: "lookup", "the password can't be written to '\(files.display(path))'")
        }
    }
}
