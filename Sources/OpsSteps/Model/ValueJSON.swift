import Foundation
import OpsCore

/// Values as JSON for people and programs. Secrets come out as the mask.
public enum ValueJSON {
    /// Indented by two spaces, keys in their order.
    public static func pretty(_ value: Value) -> String { render(value, indent: 0, secret: { _ in Secret.mask }) }

    /// With secrets in the clear: for a body that goes to the server which must know them.
    static func revealing(_ value: Value) -> String { render(value, indent: 0, secret: { $0.reveal { $0 } }) }

    private static func render(_ value: Value, indent: Int, secret: (Secret) -> String) -> String {
        let inner = String(repeating: "  ", count: indent + 1)
        let outer = String(repeating: "  ", count: indent)
        switch value {
        case .null: return "null"
        case .bool(let flag): return flag ? "true" : "false"
        case .int(let number): return String(number)
        case .double(let number): return number.isFinite ? "\(number)" : "null"
        case .string(let text): return quoted(text)
        case .secret(let hidden): return quoted(secret(hidden))
        case .list(let items) where items.isEmpty: return "[]"
        case .list(let items):
            return "[\n" + items.map { inner + render($0, indent: indent + 1, secret: secret) }.joined(separator: ",\n") + "\n\(outer)]"
        case .map(let map) where map.isEmpty: return "{}"
        case .map(let map):
            let entries = map.map { "\(inner)\(quoted(keyText($0.key))): \(render($0.value, indent: indent + 1, secret: secret))" }
            return "{\n" + entries.joined(separator: ",\n") + "\n\(outer)}"
        }
    }

    private static func keyText(_ key: Value) -> String {
        switch key {
        case .string(let text): text
        case .secret: Secret.mask
        default: pretty(key)
        }
    }

    private static func quoted(_ text: String) -> String { QuotedString.of(text) }
}

extension Value {
    /// Reads a JSON document; nil if it is none. Numbers without a fraction become integers.
    public init?(json: some Sequence<UInt8>) {
        guard let object = try? JSONSerialization.jsonObject(with: Data(json), options: .fragmentsAllowed) else { return nil }
        self.init(jsonObject: object)
    }

    private init(jsonObject: Any) {
        switch jsonObject {
        case let text as String: self = .string(text)
        case let number as NSNumber: self = Value(number)
        case let items as [Any]: self = .list(items.map(Value.init(jsonObject:)))
        case let map as [String: Any]:
            // Foundation loses the order; sorted keys are at least the same every time.
            self = .map(ValueMap(map.sorted { $0.key < $1.key }.map { (.string($0.key), Value(jsonObject: $0.value)) },
                                 uniquingKeysWith: { $1 }))
        default: self = .null
        }
    }

    private init(_ number: NSNumber) {
        let type = String(cString: number.objCType)
        if type == "c" || type == "B" {
            self = .bool(number.boolValue)
        } else if type == "d" || type == "f" {
            self = .double(number.doubleValue)
        } else {
            self = .int(number.intValue)
        }
    }
}
