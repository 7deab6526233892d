import Foundation
import OpsCore
import OpsYAML

/// Reads the files of a project, and names them as the user would type them.
public struct ProjectFiles: Sendable {
    /// Gives the plain text of an Ansible Vault envelope.
    public typealias VaultDecrypter = @Sendable (_ envelope: String, _ location: SourceLocation) throws -> Secret

    /// Absolute path of the project's directory.
    public let root: String
    private let decrypt: VaultDecrypter?

    /// - Parameter decrypt: for files that are wholly encrypted with Ansible Vault; nil if no password is known.
    public init(root: String, decrypt: VaultDecrypter? = nil) {
        self.root = URL(fileURLWithPath: root).standardizedFileURL.path
        self.decrypt = decrypt
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
        return FileManager.default.fileExists(atPath: absolute(path), isDirectory: &isDirectory) && isDirectory.boolValue
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
        guard let data = FileManager.default.contents(atPath: absolute(path)) else {
            let reason = exists(path) ? isDirectory(path) ? "is a directory" : "can't be read" : "does not exist"
            throw Diagnostic(code: "file-not-read", "'\(display(path))' \(reason)", at: reference)
        }
        guard let text = String(validating: data, as: UTF8.self) else {
            throw Diagnostic(code: "file-encoding", "not a UTF-8 text", at: SourceLocation(file: display(path)))
        }
        return text.first == "\u{FEFF}" ? String(text.dropFirst()) : text
    }

    /// A parsed YAML or JSON file; one that Ansible Vault encrypted is decrypted.
    public func yaml(
        _ path: String, from reference: SourceLocation? = nil
    ) throws(DiagnosticError) -> (document: YAMLDocument, isSecret: Bool) {
        do {
            var text = try text(path, from: reference)
            let isSecret = text.hasPrefix("$ANSIBLE_VAULT")
            if isSecret { text = try plainText(text, path) }
            return (try YAMLParser().parse(text, file: display(path)), isSecret)
        } catch let error as DiagnosticError {
            throw error
        } catch let diagnostic as Diagnostic {
            throw DiagnosticError(diagnostic)
        } catch {
            throw DiagnosticError(Diagnostic(code: "file-not-read", "\(error)", at: SourceLocation(file: display(path))))
        }
    }

    private func plainText(_ envelope: String, _ path: String) throws -> String {
        let location = SourceLocation(file: display(path))
        guard let decrypt else {
            throw Diagnostic(
                code: "vault-password", "the file is encrypted with Ansible Vault and no vault password is known", at: location,
                hints: ["give --vault-password-file, or set ANSIBLE_VAULT_PASSWORD_FILE"])
        }
        return try decrypt(envelope, location).reveal { $0 }
    }
}

extension ProjectFiles {
    /// The variables in a file that holds a mapping.
    public func variables(
        _ path: String, from reference: SourceLocation? = nil, into diagnostics: inout DiagnosticCollector
    ) -> [LocatedVariable] {
        do {
            let (document, isSecret) = try yaml(path, from: reference)
            diagnostics.add(contentsOf: document.warnings)
            guard let root = document.root, !root.isNull else { return [] }
            let variables = LocatedVariable.list(root, subject: "a file of variables", into: &diagnostics)
            return isSecret ? variables.map(\.secret) : variables
        } catch {
            diagnostics.add(contentsOf: error.diagnostics)
            return []
        }
    }
}

extension LocatedVariable {
    /// The variables that a mapping sets.
    static func list(_ node: YAMLNode, subject: String, into diagnostics: inout DiagnosticCollector) -> [LocatedVariable] {
        guard let entries = node.mapping else {
            if !node.isNull {
                diagnostics.add(
                    Diagnostic(
                        code: "wrong-type", "\(subject) must be a mapping of names to values, not a \(node.kindName)",
                        at: node.location))
            }
            return []
        }
        return entries.compactMap { entry in
            guard let name = entry.key.string else {
                diagnostics.add(
                    Diagnostic(
                        code: "variable-name", "a variable's name must be a text, not a \(entry.key.kindName)",
                        at: entry.key.location, hints: ["quote it"]))
                return nil
            }
            return LocatedVariable(name: name, value: Located(entry.value))
        }
    }

    var secret: LocatedVariable {
        LocatedVariable(name: name, value: Located(value.value, place: value.place.secret))
    }
}
