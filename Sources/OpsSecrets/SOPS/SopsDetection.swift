/// Tells from a file's text whether it is a SOPS file, and of which format.
enum SopsDetection {
    static func format(_ bytes: [UInt8]) -> SecretFile.Format? {
        if bytes.first(where: { !AgeArmor.isSpace($0) }) == UInt8(ascii: "{") {
            return contains(bytes, "\"sops\"") && contains(bytes, "\"mac\"") ? .sopsJSON : nil
        }
        var inMetadata = false
        for line in bytes.split(separator: UInt8(ascii: "\n")) {
            if line.starts(with: "sops_mac=".utf8) || line.starts(with: "sops_version=".utf8) { return .sopsDotenv }
            if line.starts(with: "[sops]".utf8) { return .sopsINI }
            if line.starts(with: "sops:".utf8) || line.starts(with: "\"sops\":".utf8) {
                inMetadata = true
            } else if inMetadata {
                let indented = line.drop { $0 == UInt8(ascii: " ") }
                let marks = ["mac:", "lastmodified:"]
                if indented.count < line.count, marks.contains(where: { indented.starts(with: $0.utf8) }) {
                    return .sopsYAML
                }
                if indented.count == line.count, line.first != UInt8(ascii: "-"), line.first != UInt8(ascii: "#") {
                    inMetadata = false
                }
            }
        }
        return nil
    }

    private static func contains(_ bytes: [UInt8], _ text: String) -> Bool {
        let wanted = Array(text.utf8)
        return bytes.indices.contains { bytes[$0] == wanted[0] && bytes[$0...].starts(with: wanted) }
    }
}
