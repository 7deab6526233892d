import OrderedCollections

/// A variable's value, as YAML and JSON know them, plus secrets.
///
/// Integers are 64 bits; loaders refuse larger ones. A `secret` is text that must not be shown;
/// everything computed from it stays secret.
public enum Value: Hashable, Sendable {
    case null
    case bool(Bool)
    case int(Int)
    case double(Double)
    case string(String)
    case secret(Secret)
    case list([Value])
    case map(ValueMap)
}

/// Keys and values in the order they were written. Keys are usually strings, but YAML allows any scalar.
public typealias ValueMap = OrderedDictionary<Value, Value>

extension Value: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral,
    ExpressibleByFloatLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral, ExpressibleByNilLiteral
{
    public init(stringLiteral value: String) { self = .string(value) }
    public init(integerLiteral value: Int) { self = .int(value) }
    public init(booleanLiteral value: Bool) { self = .bool(value) }
    public init(floatLiteral value: Double) { self = .double(value) }
    public init(arrayLiteral elements: Value...) { self = .list(elements) }
    public init(nilLiteral: ()) { self = .null }
    /// A key written twice keeps its last value.
    public init(dictionaryLiteral elements: (Value, Value)...) {
        self = .map(ValueMap(elements, uniquingKeysWith: { $1 }))
    }
}

extension Value {
    /// The text of a plain string; nil for anything else, secrets included.
    public var string: String? { if case .string(let text) = self { text } else { nil } }
    public var int: Int? { if case .int(let number) = self { number } else { nil } }
    public var bool: Bool? { if case .bool(let flag) = self { flag } else { nil } }
    public var list: [Value]? { if case .list(let items) = self { items } else { nil } }
    public var map: ValueMap? { if case .map(let map) = self { map } else { nil } }

    /// The value under a string key of a map.
    public subscript(key: String) -> Value? { map?[.string(key)] }

    /// Whether a secret stands anywhere in the value.
    public var containsSecret: Bool {
        switch self {
        case .secret: true
        case .list(let items): items.contains(where: \.containsSecret)
        case .map(let map): map.contains { $0.key.containsSecret || $0.value.containsSecret }
        default: false
        }
    }

    /// What kind of value this is, in the words of error messages.
    public var kindName: String {
        switch self {
        case .null: "null"
        case .bool: "boolean"
        case .int: "integer"
        case .double: "number"
        case .string: "string"
        case .secret: "secret"
        case .list: "list"
        case .map: "mapping"
        }
    }
}

extension OrderedDictionary where Key == Value, Value == OpsCore.Value {
    /// Access by a string key.
    public subscript(name: String) -> OpsCore.Value? {
        get { self[OpsCore.Value.string(name)] }
        set { self[OpsCore.Value.string(name)] = newValue }
    }
}
