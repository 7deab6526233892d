import OpsCore
import OrderedCollections

extension JinjaValue {
    init(_ value: Value, tracker: SecretTracker) {
        switch value {
        case .null: self = .null
        case .bool(let flag): self = .bool(flag)
        case .int(let number): self = .int(number)
        case .double(let number): self = .double(number)
        case .string(let text): self = .string(text)
        case .secret(let secret): self = .secret(SecretText(secret.reveal { $0 }, tracker: tracker))
        case .list(let items): self = .list(ListObject(items, tracker: tracker))
        case .map(let map): self = .map(MapObject(map, tracker: tracker))
        }
    }

    init(_ member: LazyMember, tracker: SecretTracker) {
        switch member {
        case .value(let value): self.init(value, tracker: tracker)
        case .map(let map): self = .map(MapObject(map, tracker: tracker))
        case .list(let members): self = .list(ListObject(members.map { JinjaValue($0, tracker: tracker) }))
        case .undefined(let diagnostic): self = .undefined(UndefinedValue(name: diagnostic.message) { diagnostic })
        }
    }

    /// The value for the rest of the program; tuples become lists.
    ///
    /// Throws where something undefined stands in it, and for functions and the like.
    func value(depth: Int = 0) throws -> Value {
        guard depth < Limits.maximumValueDepth else { throw Limits.tooDeep }
        switch self {
        case .undefined(let undefined): throw undefined.diagnostic
        case .null: return .null
        case .bool(let flag): return .bool(flag)
        case .int(let number): return .int(number)
        case .double(let number): return .double(number)
        case .string(let text), .markup(let text): return .string(text)
        case .secret(let secret): return .secret(Secret(secret.plain))
        case .secretNumber(let number): return .secret(Secret(number.text))
        case .list(let list), .tuple(let list):
            try WalkBudget.visit(list.count)
            return .list(try list.items.map { try $0.value(depth: depth + 1) })
        case .map(let map):
            try WalkBudget.visit(map.count)
            var result = ValueMap()
            for (key, value) in try map.items() {
                if case .tuple = key.value { throw PrintedText.tupleKey }
                result[try key.value.value(depth: depth + 1)] = try value.value(depth: depth + 1)
            }
            return .map(result)
        case .namespace, .range, .callable, .object:
            throw Diagnostic(code: "template-type", "\(kindName) cannot be the value of a variable")
        }
    }

    /// Marks all texts and numbers in the value as secret.
    func tainted(_ tracker: SecretTracker, depth: Int = 0) throws -> JinjaValue {
        guard depth < Limits.maximumValueDepth else { throw Limits.tooDeep }
        switch self {
        case .string(let text), .markup(let text): return .secret(SecretText(text, tracker: tracker))
        case .int, .double: return .secretNumber(SecretNumber(self, tracker: tracker))
        case .list(let list): return .list(try list.tainted(tracker, depth))
        case .tuple(let tuple): return .tuple(try tuple.tainted(tracker, depth))
        case .map(let map):
            try WalkBudget.visit(map.count)
            return .map(MapObject(try map.items().mapValues { try $0.tainted(tracker, depth: depth + 1) }))
        default: return self
        }
    }
}

extension ListObject {
    fileprivate func tainted(_ tracker: SecretTracker, _ depth: Int) throws -> [JinjaValue] {
        try WalkBudget.visit(count)
        return try items.map { try $0.tainted(tracker, depth: depth + 1) }
    }
}
