import OpsCore

/// Metadata in formats without nesting: `age__list_0__map_recipient` (stores/flatten.go).
enum SopsFlatMetadata {
    /// SOPS's own go six deep: `key_groups__list_0__map_kms__list_0__map_context__map_NAME`.
    private static let maximumDepth = 8

    /// - Throws: `Diagnostic` if the names contradict each other or a list has gaps
    static func metadata(_ pairs: [(name: String, value: String)], at location: SourceLocation) throws(Diagnostic)
        -> SopsMetadata
    {
        var root = Node.map([:])
        for (name, value) in pairs {
            let steps = steps(name)
            guard steps.count <= maximumDepth else { throw SopsMetadata.damaged("a name is nested too deeply", location) }
            guard place(value, steps[...], in: &root) else {
                throw SopsMetadata.damaged("'\(name)' contradicts another entry", location)
            }
        }
        return try SopsMetadata(root.value, at: location)
    }

    private indirect enum Node {
        case text(String)
        case map([String: Node])
        case list([Int: Node])

        var value: Value {
            switch self {
            case .text("true"): .bool(true)
            case .text(let text): .string(text)
            case .map(let map):
                .map(
                    ValueMap(
                        map.sorted { $0.key < $1.key }.map { (.string($0.key), $0.value.value) },
                        uniquingKeysWith: { $1 }))
            case .list(let list): .list(list.sorted { $0.key < $1.key }.map(\.value.value))
            }
        }
    }

    private enum Step {
        case key(String)
        case index(Int)
    }

    private static func steps(_ name: String) -> [Step] {
        let marked = name.replacing("__map_", with: "\u{0}k").replacing("__list_", with: "\u{0}i")
        return marked.split(separator: "\u{0}", omittingEmptySubsequences: false).enumerated().map { position, part in
            if position == 0 { return .key(String(part)) }
            let rest = String(part.dropFirst())
            return part.hasPrefix("i") ? Int(rest).map(Step.index) ?? .key(rest) : .key(rest)
        }
    }

    /// False if something of another kind is already there.
    private static func place(_ value: String, _ steps: ArraySlice<Step>, in node: inout Node) -> Bool {
        guard let step = steps.first else { return false }
        let rest = steps.dropFirst()
        let empty: Node? =
            switch rest.first {
            case nil: nil
            case .key: .map([:])
            case .index: .list([:])
            }
        switch (step, node) {
        case (.key(let key), .map(var map)):
            if empty == nil, map[key] != nil { return false }
            var child = map[key] ?? empty ?? .text(value)
            guard rest.isEmpty || place(value, rest, in: &child) else { return false }
            map[key] = child
            node = .map(map)
        case (.index(let index), .list(var list)):
            if empty == nil, list[index] != nil { return false }
            var child = list[index] ?? empty ?? .text(value)
            guard rest.isEmpty || place(value, rest, in: &child) else { return false }
            list[index] = child
            node = .list(list)
        default: return false
        }
        return true
    }

    /// Sorted as SOPS writes them, without prefix.
    static func pairs(_ metadata: SopsMetadata) -> [(name: String, value: String)] {
        var pairs: [(name: String, value: String)] = []
        for (index, recipient) in metadata.recipients.enumerated() {
            pairs.append(("age__list_\(index)__map_enc", recipient.wrappedKey))
            pairs.append(("age__list_\(index)__map_recipient", recipient.name))
        }
        pairs += [("lastmodified", metadata.lastModified), ("mac", metadata.mac), ("version", metadata.version)]
        if metadata.macOnlyEncrypted { pairs.append(("mac_only_encrypted", "true")) }
        pairs.append(metadata.rule.entry)
        return pairs.sorted { $0.name < $1.name }
    }
}
