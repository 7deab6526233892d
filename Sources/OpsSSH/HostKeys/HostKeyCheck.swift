import CLibSSH2
import OpsCore
import OpsTransport

/// Decides whether a host is the one that is meant.
struct HostKeyCheck: Sendable {
    private let target: SSHTarget
    private let known: KnownHosts
    /// As in known_hosts.
    private let name: String
    private let plainName: String?

    /// Reads the known hosts.
    init(_ target: SSHTarget) throws(TransportError) {
        self.target = target
        do {
            known = try KnownHosts(files: target.knownHostsFiles + target.globalKnownHostsFiles)
        } catch {
            throw .localProblem(peer: target.peer, error)
        }
        if let alias = target.hostKeyAlias {
            (name, plainName) = (alias, nil)
        } else {
            name = KnownHosts.name(host: target.host, port: target.port)
            plainName = target.port == 22 ? nil : target.host
        }
    }

    /// Host key algorithms to ask for, those of known keys first.
    var algorithms: [String] {
        let entries = known.entries(for: name) + (plainName.map(known.entries(for:)) ?? [])
        return SSHAlgorithms.hostKeys(preferring: Set(entries.filter { $0.marker == nil }.map(\.keyType)))
    }

    /// Checks the key that the host has proved to own; adds it to the user's file if the policy says so.
    func check(_ key: [UInt8]) throws(TransportError) {
        switch known.judge(key, name: name, plainName: plainName) {
        case .known:
            return
        case .revoked(let entry):
            throw refusal(.revoked, key, known: [entry], at: entry.location)
        case .changed(let entries):
            if target.hostKeyPolicy == .off { return }
            if let problem = rsaProblem(entries) { throw problem }
            throw refusal(.changed, key, known: entries, at: entries.first?.location)
        case .authorityOnly(let entry):
            if target.hostKeyPolicy == .strict { throw certificateProblem(entry) }
            try accept(key)
        case .unknown:
            if target.hostKeyPolicy == .strict {
                let file = target.knownHostsFiles.first
                throw refusal(.unknown, key, known: [], at: file.map { SourceLocation(file: $0) })
            }
            try accept(key)
        }
    }

    private func accept(_ key: [UInt8]) throws(TransportError) {
        guard target.hostKeyPolicy == .acceptNew, let file = target.knownHostsFiles.first else { return }
        do {
            try KnownHostsFile.append(name: name, key: key, to: file)
        } catch {
            throw .localProblem(peer: target.peer, error)
        }
    }

    private func refusal(
        _ kind: HostKeyProblem.Kind, _ key: [UInt8], known: [KnownHostsEntry], at location: SourceLocation?
    ) -> TransportError {
        .hostKeyRefused(
            HostKeyProblem(
                kind: kind, host: name, keyType: printable(KeyType.of(key) ?? "unknown", limit: 64),
                shown: KnownHosts.fingerprint(key), known: known.map { KnownHosts.fingerprint($0.key) },
                location: location))
    }

    /// Only an RSA key is known and this libssh2 can't ask for one in a form that hosts still give.
    private func rsaProblem(_ entries: [KnownHostsEntry]) -> TransportError? {
        guard entries.allSatisfy({ $0.keyType == "ssh-rsa" }), !LibSSH2Version.hasRSASHA2 else { return nil }
        return .localProblem(
            peer: target.peer,
            Diagnostic(
                code: "rsa-host-key",
                "only an RSA key is known for \(name), and libssh2 \(LibSSH2Version.text) cannot check it",
                at: entries.first?.location,
                hints: [
                    "add the host's ed25519 key: ssh-keyscan -t ed25519 \(name), compared with the host's own",
                    "libssh2 1.11 or newer checks RSA keys (rsa-sha2)",
                ]))
    }

    private func certificateProblem(_ entry: KnownHostsEntry) -> TransportError {
        .localProblem(
            peer: target.peer,
            Diagnostic(
                code: "host-certificate",
                "only a certificate authority is known for \(name), and host certificates are not supported",
                at: entry.location, hints: ["add the host's own key to known_hosts: ssh-keyscan \(name)"]))
    }
}

/// The libssh2 that this program runs with.
enum LibSSH2Version {
    static var text: String { libssh2_version(0).map { String(cString: $0) } ?? "unknown" }
    /// rsa-sha2-256 and rsa-sha2-512 (RFC 8332) came with 1.11.
    static var hasRSASHA2: Bool { libssh2_version(0x010b00) != nil }
}
