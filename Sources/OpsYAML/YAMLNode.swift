import OpsCore
import OrderedCollections

/// A part of a YAML document: what it holds and where it stands.
///
/// Scalars are already resolved as YAML 1.1, merge keys are flattened and aliases replaced by what they name.
public struct YAMLNode: Hashable, Sendable {
    public enum Content: Hashable, Sendable {
        /// Never a list or map.
        case scalar(Value)
        case sequence([YAMLNode])
        case mapping([Entry])
    }

    public struct Entry: Hashable, Sendable {
        public var key: YAMLNode
        public var value: YAMLNode

        public init(key: YAMLNode, value: YAMLNode) {
            self.key = key
            self.value = value
        }
    }

    /// How a text may be used; set by a tag and inherited by everything below it.
    public enum Handling: UInt8, Hashable, Sendable {
        /// May hold a template.
        case plain
        /// `!unsafe`: kept as it is, even if it looks like a template.
        case unsafe
        /// `!vault`, `!vault-encrypted`: the scalar is an Ansible Vault envelope.
        case vault
    }

    public var content: Content
    public var location: SourceLocation
    public var handling: Handling
    /// Of a scalar: where its text begins, counted from its place.
    public var text: TextOrigin

    public init(
        _ content: Content, at location: SourceLocation, handling: Handling = .plain, text: TextOrigin = TextOrigin()
    ) {
        self.content = content
        self.location = location
        self.handling = handling
        self.text = text
    }

    /// How a scalar's text lies in the file, so that a place within the text can be found.
    public struct TextOrigin: Hashable, Sendable {
        /// 1 for a block scalar, whose text begins in the line below its `|`.
        public var lines: Int32 = 0
        /// Column of the first character; nil for that of the node.
        public var column: Int32?
        /// Column of the first character of further lines.
        public var continuationColumn: Int32 = 1
        /// The text was written as a timestamp, not as a text.
        public var isTimestamp = false

        public init() {}
    }
}

extension YAMLNode {
    public var scalar: Value? { if case .scalar(let value) = content { value } else { nil } }
    public var sequence: [YAMLNode]? { if case .sequence(let items) = content { items } else { nil } }
    public var mapping: [Entry]? { if case .mapping(let entries) = content { entries } else { nil } }
    /// The text of a string scalar; nil for anything else.
    public var string: String? { scalar?.string }
    public var isNull: Bool { scalar == .null }

    /// The value under a string key of a mapping.
    public subscript(key: String) -> YAMLNode? { mapping?.first { $0.key.string == key }?.value }

    /// What kind of node this is, in the words of error messages.
    public var kindName: String {
        switch content {
        case .scalar(let value): value.kindName
        case .sequence: "list"
        case .mapping: "mapping"
        }
    }

    /// The value without its places. A vault envelope stays the text it is.
    public var value: Value {
        switch content {
        case .scalar(let value): return value
        case .sequence(let items): return .list(items.map(\.value))
        case .mapping(let entries):
            var map = ValueMap()
            map.reserveCapacity(entries.count)
            for entry in entries { map[entry.key.value] = entry.value.value }
            return .map(map)
        }
    }
}

/// A parsed YAML text.
public struct YAMLDocument: Hashable, Sendable {
    /// nil if the text holds nothing but comments.
    public var root: YAMLNode?
    /// Scalars that YAML 1.1 reads otherwise than they look.
    public var warnings: [Diagnostic]
}
