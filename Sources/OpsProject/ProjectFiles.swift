import Foundation
import OpsCore
import OpsSecrets
import OpsYAML

/// Reads the files of a project, and names them as the user would type them.
public struct ProjectFiles: Sendable {
    /// Absolute path of the project's directory.
    public let root: String
    /// Opens encrypted files and values.
    public let keyring: SecretKeyring

    public init(root: String, keyring: SecretKeyring = SecretKeyring()) {
        self.root = URL(fileURLWithPath: root).standardizedFileURL.path
        self.keyring = keyring
    }

    /// The path relative to the project if it lies within.
    public func display(_ path: String) -> String {
        let absolute = absolute(path)
        return absolute.hasPrefix(root + "/") ? String(absolute.dropFirst(root.count + 1)) : absolute
    }

    /// The absolute form of a path that is relative to the project.
    public func absolute(_ path: String) -> String {
        if path.hasPrefix("/") { return URL(fileURLWithPath: path).standardizedFileURL.path }
        if path.hasPrefix("~/") { return NSHomeDirectory() + path.dropFirst(1) }
        return URL(fileURLWithPath: root).appendingPathComponent(path).standardizedFileURL.path
    }

    public func exists(_ path: String) -> Bool { FileManager.default.fileExists(atPath: absolute(path)) }

    public func isDirectory(_ path: String) -> Bool {
        var isDirectory: ObjCBool = false
        return FileManager.default.fileExists(atPath: absolute(path), isDirectory: &isDirectory)
            && isDirectory.boolValue
    }

    /// Names in a directory, sorted by code point; empty if it can't be read.
    public func names(in directory: String) -> [String] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: absolute(directory))) ?? []
        return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    /// A file's text.
    ///
    /// - Parameter reference: the place that names the file, for the diagnostic.
    public func text(_ path: String, from reference: SourceLocation? = nil) throws(Diagnostic) -> String {
        let data = try data(path, from: reference)
        guard let text = String(validating: data, as: UTF8.self) else {
            throw Diagnostic(code: "file-encoding", "not a UTF-8 text", at: SourceLocation(file: display(path)))
        }
        return text.first == "\u{FEFF}" ? String(text.dropFirst()) : text
    }

    /// A file's bytes.
    func data(_ path: String, from reference: SourceLocation? = nil) throws(Diagnostic) -> Data {
        if let data = FileManager.default.contents(atPath: absolute(path)) { return data }
        let reason = exists(path) ? isDirectory(path) ? "is a directory" : "can't be read" : "does not exist"
        throw Diagnostic(code: "file-not-read", "'\(display(path))' \(reason)", at: reference)
    }

    /// A parsed text.
    func parse(_ text: String, file: String) throws(DiagnosticError) -> YAMLDocument {
        try YAMLParser().parse(text, file: file)
    }

    /// The values of all documents in a YAML text.
    func documents(_ text: String, file: String) throws(DiagnosticError) -> [Value] {
        try YAMLParser().documents(text, file: file).map { $0.root?.value ?? .null }
    }

    /// A parsed YAML or JSON file; one that Ansible Vault encrypted is decrypted.
    public func yaml(
        _ path: String, from reference: SourceLocation? = nil
    ) throws(DiagnosticError) -> (document: YAMLDocument, isSecret: Bool) {
        do {
            let (text, isSecret) = try decrypted(try text(path, from: reference), path)
            return (try YAMLParser().parse(text, file: display(path)), isSecret)
        } catch let error as DiagnosticError {
            throw error
        } catch let diagnostic as Diagnostic {
            throw DiagnosticError(diagnostic)
        } catch {
            throw DiagnosticError(
                Diagnostic(code: "file-not-read", "\(error)", at: SourceLocation(file: display(path))))
        }
    }

    /// The text that Ansible Vault encrypted; any other as it is.
    func decrypted(_ text: String, _ path: String) throws -> (text: String, isSecret: Bool) {
        guard text.hasPrefix("$ANSIBLE_VAULT") else { return (text, false) }
        do {
            return (String(decoding: try keyring.vault.decrypt(Array(text.utf8)), as: UTF8.self), true)
        } catch let error as VaultError {
            throw VaultDiagnostic.make(error, at: SourceLocation(file: display(path)))
        }
    }
}

extension ProjectFiles {
    /// The variables in a file that holds a mapping, encrypted or not.
    public func variables(
        _ path: String, from reference: SourceLocation? = nil, into diagnostics: inout DiagnosticCollector
    ) -> [LocatedVariable] {
        do {
            let (document, isSecret) = try yaml(path, from: reference)
            diagnostics.add(contentsOf: document.warnings)
            guard let root = document.root, !root.isEmpty else { return [] }
            var variables = LocatedVariable.list(root, subject: "a file of variables", into: &diagnostics)
            if root["sops"]?.mapping != nil { variables = try decrypted(variables, path) }
            return isSecret ? variables.map(\.secret) : variables
        } catch let error as DiagnosticError {
            diagnostics.add(contentsOf: error.diagnostics)
        } catch let diagnostic as Diagnostic {
            diagnostics.add(diagnostic)
        } catch {
            diagnostics.add(Diagnostic(code: "file-not-read", "\(error)", at: SourceLocation(file: display(path))))
        }
        return []
    }

    /// A SOPS document: its keys have places, its values come from decryption.
    private func decrypted(_ variables: [LocatedVariable], _ path: String) throws -> [LocatedVariable] {
        let bytes = Array(try text(path).utf8)
        let value = try SecretFile.value(of: bytes, file: display(path), keyring: keyring)
        return variables.compactMap { variable in
            value[variable.name].map {
                LocatedVariable(name: variable.name, value: Located($0, place: variable.value.place))
            }
        }
    }
}

extension YAMLNode {
    /// What Ansible takes for no variables at all: also 0, `false`, an empty text or list.
    var isEmpty: Bool {
        switch content {
        case .scalar(.null), .scalar(.bool(false)), .scalar(.int(0)), .scalar(.string("")), .sequence([]): true
        default: false
        }
    }

    /// The name that a key gives, whatever its type, as JSON would have it.
    var name: String {
        switch scalar {
        case .string(let text)?: text
        case .int(let number)?: String(number)
        case .bool(let flag)?: flag ? "true" : "false"
        case .double(let number)?: PythonText.float(number)
        default: "null"
        }
    }
}

extension LocatedVariable {
    /// The variables that a mapping sets. A number as a name can be looked up in `vars` and `hostvars` only.
    static func list(_ node: YAMLNode, subject: String, into diagnostics: inout DiagnosticCollector)
        -> [LocatedVariable]
    {
        guard let entries = node.mapping else {
            if !node.isNull {
                diagnostics.add(
                    Diagnostic(
                        code: "wrong-type", "\(subject) must be a mapping of names to values, not a \(node.kindName)",
                        at: node.location))
            }
            return []
        }
        return entries.map { LocatedVariable(name: $0.key.name, value: Located($0.value)) }
    }

    var secret: LocatedVariable {
        LocatedVariable(name: name, value: Located(value.value, place: value.place.secret))
    }
}

/// Why a vault can't be opened.
enum VaultDiagnostic {
    static func make(_ error: VaultError, at location: SourceLocation) -> Diagnostic {
        let hints: [String] =
            switch error {
            case .noPassword: ["name one with --vault-password-file, --vault-id or ANSIBLE_VAULT_PASSWORD_FILE"]
            default: []
            }
        let message = if case .noPassword = error { "no vault password is known for this" } else { error.description }
        return Diagnostic(code: "vault", message, at: location, hints: hints)
    }
}
