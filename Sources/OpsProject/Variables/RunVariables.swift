import Foundation
import OpsCore
import OpsSecrets
import OrderedCollections

/// Variables that hold for the whole run: extra ones and secrets.
public struct RunVariables: Sendable {
    public var extra: OrderedDictionary<String, Located> { extraTable.current }
    private(set) var extraTable = VariableTable()
    public private(set) var secrets: OrderedDictionary<String, Located> = [:]

    public init() {}

    /// Adds what `-e` gives: `key=value ...`, `@file`, or a mapping in YAML or JSON.
    ///
    /// Values of `key=value` are texts, as in Ansible.
    public mutating func add(extra argument: String, files: ProjectFiles, into diagnostics: inout DiagnosticCollector) {
        let location = SourceLocation(file: "-e")
        let text = argument.trimmed
        if text.hasPrefix("@") {
            add(files.variables(String(text.dropFirst()), into: &diagnostics))
        } else if text.hasPrefix("{") || text.hasPrefix("[") {
            do {
                guard let root = try files.parse(text, file: "-e").root else { return }
                add(LocatedVariable.list(root, subject: "'-e'", into: &diagnostics))
            } catch { diagnostics.add(contentsOf: error.diagnostics) }
        } else {
            let form = ShortForm(text) { VariableName.isValid($0) }
            guard form.rest.trimmed.isEmpty || !form.pairs.isEmpty && form.rest != text else {
                diagnostics.add(
                    Diagnostic(
                        code: "extra-vars", "'-e \(text.prefix(60))' sets no variable",
                        hints: ["write -e key=value, -e @file.yml or -e '{\"key\": value}'"]))
                return
            }
            add(form.pairs.map { LocatedVariable(name: $0.key, value: Located(.string($0.value), at: location)) })
        }
    }

    private mutating func add(_ variables: [LocatedVariable]) {
        for variable in variables { extraTable.set(variable) }
    }

    /// Loads an environment's secrets: from `secrets/<env>/smtp.yml` comes the variable `smtp`.
    ///
    /// - Parameters:
    ///   - directory: `secrets/<env>`; nothing happens if there is none.
    ///   - load: opens one file, given its path and the name that messages should use.
    public mutating func addSecrets(
        in directory: String, files: ProjectFiles, into diagnostics: inout DiagnosticCollector,
        load: (_ path: String, _ name: String) throws -> Value
    ) {
        for name in files.names(in: directory)
        where ["yml", "yaml", "json"].contains(name.pathExtension) && !name.hasPrefix(".") {
            let path = "\(directory)/\(name)"
            let location = SourceLocation(file: files.display(path))
            do {
                let value = try load(files.absolute(path), location.file)
                secrets[String(name.dropLast(name.pathExtension.count + 1))] = Located(value, at: location)
            } catch let error as DiagnosticError {
                diagnostics.add(contentsOf: error.diagnostics)
            } catch let diagnostic as Diagnostic {
                diagnostics.add(diagnostic)
            } catch {
                diagnostics.add(Diagnostic(code: "secret-file", "\(error)", at: location))
            }
        }
    }
}
