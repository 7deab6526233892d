import OpsCore

extension Methods {
    static let mapMethods: [FunctionDefinition] = [
        FunctionDefinition("keys") { call in .list(try map(call).keys) },
        FunctionDefinition("values") { call in .list(try map(call).pairs().all.map(\.value)) },
        FunctionDefinition("items") { call in .list(ListObject(pairs: try map(call).pairs())) },
        FunctionDefinition("get", "key default?", acceptsUndefined: true) { call in
            if case .undefined(let undefined) = call.subject { throw undefined.diagnostic }
            return try map(call).value(call.argument(0)) ?? call[1] ?? .null
        },
        FunctionDefinition("copy") { call in .map(MapObject(try map(call).items())) },
        FunctionDefinition("update", "other? **options") { call in
            let additions = try additions(call)
            try map(call).modify { items in for (key, value) in additions { items[key] = value } }
            return .null
        },
        FunctionDefinition("setdefault", "key default? /") { call in
            let key = try MapKey.checked(call.argument(0))
            return try map(call).modify { items in
                if let known = items[key] { return known }
                let value = call[1] ?? .null
                items[key] = value
                return value
            }
        },
        FunctionDefinition("pop", "key default? /") { call in
            let key = try MapKey.checked(call.argument(0))
            return try map(call).modify { items in
                try call.chargeMoves(items.count)
                guard let value = items.removeValue(forKey: key) ?? call[1] else {
                    throw call.fail("the key is not there")
                }
                return value
            }
        },
        FunctionDefinition("popitem") { call in
            try map(call).modify { items in
                if items.isEmpty { throw call.fail("the mapping is empty") }
                let (key, value) = items.removeLast()
                return .tuple([key.value, value])
            }
        },
        FunctionDefinition("clear") { call in
            try map(call).modify { $0.removeAll() }
            return .null
        },
        FunctionDefinition("fromkeys", "keys value?") { call in
            let keys = try call.frame.iterate(call.argument(0)).map { try MapKey.checked($0) }
            let value = call[1] ?? .null
            return .map(MapObject(MapObject.Items(keys.map { ($0, value) }, uniquingKeysWith: { $1 })))
        },
    ]

    private static func map(_ call: Call) throws -> MapObject {
        guard case .map(let map) = call.subject else { throw call.fail("needs a mapping") }
        return map
    }

    private static func additions(_ call: Call) throws -> [(MapKey, JinjaValue)] {
        var additions: [(MapKey, JinjaValue)] = []
        switch call[0] {
        case nil: break
        case .map(let other)?: additions = try other.items().map { ($0.key, $0.value) }
        case let other?: additions = try call.frame.iterate(other).map { try call.frame.pair($0) }
        }
        return additions + call.bound.options.map { (MapKey(.string($0.name)), $0.value) }
    }
}

extension Frame {
    /// A list of two, as key and value.
    func pair(_ value: JinjaValue) throws -> (MapKey, JinjaValue) {
        let items = try iterate(value)
        guard items.count == 2 else {
            throw Diagnostic(code: "template-value", "expected pairs of key and value, found \(items.count) items")
        }
        return (try MapKey.checked(items[0]), items[1])
    }
}
