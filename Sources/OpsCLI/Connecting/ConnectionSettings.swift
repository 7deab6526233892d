import Foundation
import OpsCore

/// Reads a host's connection variables, under any of the names that Ansible knows each by.
struct ConnectionSettings {
    var host: String
    var values: [String: Value]

    private func first(_ names: [String]) -> (name: String, value: Value)? {
        for name in names { if let value = values[name], value != .null { return (name, value) } }
        return nil
    }

    func text(_ names: String...) throws -> String? {
        guard let (name, value) = first(names) else { return nil }
        if let text = value.string ?? value.int.map(String.init) { return text }
        throw wrong(name, "a text", value)
    }

    func int(_ names: String...) throws -> Int? {
        guard let (name, value) = first(names) else { return nil }
        if let number = value.int ?? value.string.flatMap(Int.init), (1...65535).contains(number) { return number }
        throw wrong(name, "a port", value)
    }

    func bool(_ names: String...) throws -> Bool? {
        guard let (name, value) = first(names) else { return nil }
        if let flag = value.bool { return flag }
        switch value.string?.lowercased() {
        case "yes", "true", "on", "1": return true
        case "no", "false", "off", "0": return false
        default: throw wrong(name, "true or false", value)
        }
    }

    func secret(_ names: String...) -> Secret? {
        switch first(names)?.value {
        case .secret(let secret)?: secret
        case .string(let text)?: Secret(text)
        case .int(let number)?: Secret(String(number))
        default: nil
        }
    }

    func duration(_ names: String...) throws -> Duration? {
        guard let (name, value) = first(names) else { return nil }
        if let duration = Duration(parsing: value.string ?? value.int.map(String.init) ?? ""), duration > .zero { return duration }
        throw wrong(name, "a length of time", value)
    }

    /// The further arguments that Ansible would give to `ssh`.
    var sshArguments: String {
        get throws { try [text("ansible_ssh_common_args"), text("ansible_ssh_extra_args")].compactMap { $0 }.joined(separator: " ") }
    }

    /// - Throws: for a connection kind that isn't SSH.
    func checkConnection() throws {
        guard let kind = try text("ansible_connection"), !["ssh", "smart", "paramiko", "paramiko_ssh"].contains(kind) else { return }
        throw Diagnostic(
            code: "unsupported-connection", "ansible_connection '\(kind)' of \(host) is not supported", hints: ["ssh and local are"])
    }

    private func wrong(_ name: String, _ wanted: String, _ value: Value) -> Diagnostic {
        Diagnostic(code: "wrong-type", "'\(name)' of \(host) must be \(wanted), not a \(value.kindName)")
    }
}

extension String {
    var expandingTilde: String { (self as NSString).expandingTildeInPath }
}
