import OpsCore

/// A mapping key with Python's equality: `1`, `1.0` and `True` are the same key.
struct MapKey: Hashable {
    let value: JinjaValue

    init(_ value: JinjaValue) { self.value = value }

    /// Refuses lists and maps, which can't be keys.
    static func checked(_ value: JinjaValue) throws -> MapKey {
        switch value {
        case .list, .map: throw Diagnostic(code: "template-type", "\(value.kindName) cannot be the key of a mapping")
        case .undefined(let undefined): throw undefined.diagnostic
        default: return MapKey(value)
        }
    }

    static func == (a: MapKey, b: MapKey) -> Bool { a.value.isEqual(to: b.value) }

    func hash(into hasher: inout Hasher) { MapKey.hash(value, into: &hasher) }

    private static func hash(_ value: JinjaValue, into hasher: inout Hasher) {
        switch value {
        case .string(let text), .markup(let text): hasher.combine(text)
        case .secret(let secret): hasher.combine(secret.plain)
        case .bool, .int, .double, .secretNumber: hasher.combine(value.comparable.number ?? 0)
        case .tuple(let tuple): tuple.items.forEach { hash($0, into: &hasher) }
        default: hasher.combine(0)
        }
    }
}
