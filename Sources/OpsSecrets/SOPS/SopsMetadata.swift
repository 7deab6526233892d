import OpsCore

/// What SOPS writes about a file into it: recipients, rules, time and checksum (stores/stores.go).
struct SopsMetadata: Hashable, Sendable {
    struct Recipient: Hashable, Sendable {
        /// `age1...` or an SSH public key.
        var name: String
        /// Armored age file that holds the data key.
        var wrappedKey: String
    }

    var recipients: [Recipient] = []
    /// RFC 3339, UTC; associated data of the checksum.
    var lastModified = ""
    /// Encrypted SHA-512 over all values.
    var mac = ""
    var rule = SopsRule.standard
    var macOnlyEncrypted = false
    var version = ""
    /// Kinds of keys in the file that aren't age, such as `pgp`.
    var foreignKinds: [String] = []

    /// Lists that don't hold keys of another kind.
    private static let ownLists: Set<String> = ["age", "key_groups"]

    /// Reads the contents of the `sops` key.
    /// - Throws: `Diagnostic` at `location`
    init(_ value: Value, at location: SourceLocation) throws(Diagnostic) {
        guard value.map != nil else { throw Self.damaged("it is not a mapping", location) }
        var groups = [value]
        if let list = value["key_groups"]?.list, !list.isEmpty {
            groups = list
            guard list.count == 1 else {
                throw Diagnostic(
                    code: "secret-unsupported", "SOPS key groups with a threshold are not supported", at: location,
                    hints: ["decrypt it with sops, then encrypt it to one group of age recipients"])
            }
        }
        for group in groups { try readGroup(group, location) }
        guard let modified = value["lastmodified"]?.string, let mac = value["mac"]?.string else {
            throw Self.damaged("lastmodified or mac is missing", location)
        }
        (lastModified, self.mac) = (modified, mac)
        version = value["version"]?.string ?? ""
        macOnlyEncrypted = value["mac_only_encrypted"]?.bool ?? (value["mac_only_encrypted"]?.string == "true")
        try readRule(value, location)
    }

    init(recipients: [Recipient], rule: SopsRule, macOnlyEncrypted: Bool) {
        (self.recipients, self.rule, self.macOnlyEncrypted) = (recipients, rule, macOnlyEncrypted)
        version = Self.writtenVersion
    }

    /// The version whose format is written.
    static let writtenVersion = "3.9.4"

    private mutating func readGroup(_ group: Value, _ location: SourceLocation) throws(Diagnostic) {
        for entry in group["age"]?.list ?? [] {
            guard let name = entry["recipient"]?.string, let key = entry["enc"]?.string else {
                throw Self.damaged("an age recipient is incomplete", location)
            }
            recipients.append(Recipient(name: name, wrappedKey: key))
        }
        for (key, value) in group.map ?? ValueMap() where value.list?.isEmpty == false {
            if let kind = key.string, !Self.ownLists.contains(kind) { foreignKinds.append(kind) }
        }
    }

    private mutating func readRule(_ value: Value, _ location: SourceLocation) throws(Diagnostic) {
        let rules = SopsRule.names.compactMap { name in value[name]?.string.flatMap { SopsRule(name: name, value: $0) } }
        guard rules.count < 2 else { throw Self.damaged("it has several rules about what is encrypted", location) }
        rule = rules.first ?? .standard
    }

    static func damaged(_ reason: String, _ location: SourceLocation) -> Diagnostic {
        Diagnostic(code: "secret-damaged", "damaged SOPS metadata: \(reason)", at: location)
    }
}
