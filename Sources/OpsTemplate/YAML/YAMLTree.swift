import OpsCore

/// A value as it is written in YAML, with what Python's values tell apart and ours don't.
public indirect enum YAMLTree: Sendable {
    /// Null, a boolean, a number or a text.
    case scalar(Value)
    /// A text without quotes whatever it looks like, such as a timestamp.
    case plain(String)
    /// A tag and the text of a block below it, as in `!vault |`.
    case tagged(String, literal: String)
    case list([YAMLTree])
    /// In the order in which it is written.
    case map([(key: YAMLTree, value: YAMLTree)])
    /// Trees of the same number are the same object: from the second on they are written as aliases.
    case shared(Int, YAMLTree)

    /// The text, lists and mappings one item a line, as PyYAML writes it with `default_flow_style=False`.
    ///
    /// - Throws: `Diagnostic` if the tree is nested too deep.
    public func blockText() throws -> String {
        var options = YAMLEmitter.Options()
        options.flowStyle = false
        return try YAMLWriter.text(self, options)
    }

    /// A value with its keys sorted, as PyYAML does.
    public init(_ value: Value) {
        switch value {
        case .list(let items): self = .list(items.map(YAMLTree.init))
        case .map(let map): self = .sorted(map.map { ($0.key, YAMLTree($0.value)) })
        default: self = .scalar(value)
        }
    }

    /// A mapping sorted by key. Keys that Python can't compare stay in their order.
    public static func sorted(_ entries: [(key: Value, value: YAMLTree)]) -> YAMLTree {
        let order = try? Sorting.sorted(entries.indices.map { index in
            .tuple([JinjaValue(entries[index].key, tracker: SecretTracker()), .int(index)])
        })
        let indexes = order?.compactMap { $0.sequence?.items.last?.integer } ?? Array(entries.indices)
        return .map(indexes.map { (YAMLTree(entries[$0].key), entries[$0].value) })
    }

    /// The number of each shared tree that is written more than once: PyYAML counts when it meets one the second time.
    func anchors() -> [Int: Int] {
        var anchors: [Int: Int?] = [:]
        var number = 0
        var open = [self]
        while let next = open.popLast() {
            switch next {
            case .shared(let id, let tree):
                switch anchors[id] {
                case nil:
                    anchors[id] = .some(nil)
                    open.append(tree)
                case .some(nil):
                    number += 1
                    anchors[id] = number
                case .some: break
                }
            case .list(let items): open += items.reversed()
            case .map(let entries): open += entries.reversed().flatMap { [$0.value, $0.key] }
            case .scalar, .plain, .tagged: break
            }
        }
        return anchors.compactMapValues { $0 }
    }
}
