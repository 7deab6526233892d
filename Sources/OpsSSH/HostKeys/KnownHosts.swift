import Crypto
import Foundation
import OpsCore

/// What is known about hosts' keys.
struct KnownHosts: Sendable {
    private(set) var entries: [KnownHostsEntry] = []

    /// Reads files; those that don't exist count as empty.
    /// - Throws: `Diagnostic` for a file that exists and can't be read.
    init(files: [String]) throws(Diagnostic) {
        for file in files {
            guard let data = FileManager.default.contents(atPath: file) else {
                if FileManager.default.fileExists(atPath: file) {
                    throw Diagnostic(
                        code: "known-hosts-unreadable", "cannot read the known hosts",
                        at: SourceLocation(file: file), hints: ["check the permissions of \(file)"])
                }
                continue
            }
            add(String(decoding: data, as: UTF8.self), file: file)
        }
    }

    init(_ text: String, file: String) { add(text, file: file) }

    private mutating func add(_ text: String, file: String) {
        for (index, line) in text.numberedLines.enumerated() {
            let location = SourceLocation(file: file, line: index + 1)
            if let entry = KnownHostsEntry(line: line, location: location) { entries.append(entry) }
        }
    }

    /// Lines that speak of the host.
    func entries(for name: String) -> [KnownHostsEntry] { entries.filter { $0.names.matches(name) } }

    enum Verdict {
        case known
        case revoked(KnownHostsEntry)
        case changed([KnownHostsEntry])
        case unknown
        /// Only a certificate authority is known for the host.
        case authorityOnly(KnownHostsEntry)
    }

    /// Judges a key. A key of another type than the known ones counts as changed, because the host was
    /// asked for the known types first and would have shown one of them.
    /// - Parameter plainName: the name without the port, under which the very same key will do as well.
    func judge(_ key: [UInt8], name: String, plainName: String?) -> Verdict {
        let found = entries(for: name)
        let foundPlainly = plainName.map(entries(for:)) ?? []
        if let entry = (found + foundPlainly).first(where: { $0.marker == .revoked && $0.key == key }) {
            return .revoked(entry)
        }
        let keys = found.filter { $0.marker == nil }
        if keys.contains(where: { $0.key == key }) { return .known }
        if !keys.isEmpty {
            let type = KeyType.of(key)
            return .changed(keys.filter { $0.keyType == type } + keys.filter { $0.keyType != type })
        }
        if foundPlainly.contains(where: { $0.marker == nil && $0.key == key }) { return .known }
        if let authority = found.first(where: { $0.marker == .certificateAuthority }) {
            return .authorityOnly(authority)
        }
        return .unknown
    }

    /// `SHA256:` and base64 without padding, as `ssh-keygen -l` shows it.
    static func fingerprint(_ key: [UInt8]) -> String {
        let base64 = Data(SHA256.hash(data: key)).base64EncodedString()
        return "SHA256:" + base64.prefix { $0 != "=" }
    }

    /// `host`, or `[host]:port` if the port isn't 22.
    static func name(host: String, port: Int) -> String { port == 22 ? host : "[\(host)]:\(port)" }
}
