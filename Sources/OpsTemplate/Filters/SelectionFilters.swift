import OpsCore

extension FunctionTable {
    static let selectionFilters: [FunctionDefinition] = [
        FunctionDefinition("map", "*rest **options") { call in .list(try map(call)) },
        FunctionDefinition("select", "*rest **options") { call in
            .list(try select(call, keeps: true, byAttribute: false))
        },
        FunctionDefinition("reject", "*rest **options") { call in
            .list(try select(call, keeps: false, byAttribute: false))
        },
        FunctionDefinition("selectattr", "*rest **options") { call in
            .list(try select(call, keeps: true, byAttribute: true))
        },
        FunctionDefinition("rejectattr", "*rest **options") { call in
            .list(try select(call, keeps: false, byAttribute: true))
        },
        FunctionDefinition("attr", "name") { call in
            let name = try call.argument(0).printed()
            if let method = Methods.method(name, of: call.subject) {
                let subject = call.subject
                return .callable(Callable(name, typeName: "method") { try method.call(subject, $0, $1) })
            }
            if case .object(let object) = call.subject, let value = try object.attribute(name, call.frame) {
                return value
            }
            if case .namespace(let map) = call.subject, let value = try map.value(name) { return value }
            return .undefined(UndefinedValue(name: name) {
                    Diagnostic(
                        code: "template-undefined", "there is no attribute '\(name)'",
                        hints: ["'attr' sees no items of mappings, use x.name or x['name']"])
            })
        },
        FunctionDefinition("groupby", "attribute default? case_sensitive?") { call in
            let key = try SortKey(call.argument(0), caseSensitive: call.bool(2), default: call[1])
            let plain = try SortKey(call.argument(0), caseSensitive: true, default: call[1])
            let items = try Sorting.sorted(call.subjectItems()) { try key.value(of: $0, call.frame) }
            var groups: [ArraySlice<JinjaValue>] = []
            var last: JinjaValue?
            for (index, item) in items.enumerated() {
                let value = try key.value(of: item, call.frame)
                if last?.isEqual(to: value) == true {
                    groups[groups.count - 1] = items[groups[groups.count - 1].startIndex...index]
                } else {
                    groups.append(items[index...index])
                }
                last = value
            }
            return .list(try groups.map { group in
                let grouper = try plain.value(of: group[group.startIndex], call.frame)
                return .tuple(NamedTuple([("grouper", grouper), ("list", .list(Array(group)))]))
            })
        },
    ]

    /// `map('filter', …)` or `map(attribute='…', default=…)`.
    private static func map(_ call: Call) throws -> [JinjaValue] {
        let items = try call.subjectItems()
        if call.rest.isEmpty, let attribute = call.option("attribute") {
            if let unknown = call.bound.options.first(where: { $0.name != "attribute" && $0.name != "default" }) {
                throw call.fail("unexpected keyword argument '\(unknown.name)'")
            }
            let path = try AttributePath(attribute)
            return try items.map { try path.value(of: $0, call.frame, default: call.option("default")) }
        }
        guard let name = call.rest.first?.text else { throw call.fail("needs the name of a filter, or attribute=") }
        guard let filter = call.frame.environment.filter(name) else {
            throw call.frame.environment.unknown("filter", name)
        }
        let arguments = Arguments(positional: Array(call.rest.dropFirst()), keyword: call.bound.options)
        return try items.map { try filter.call($0, arguments, call.frame) }
    }

    private static func select(_ call: Call, keeps: Bool, byAttribute: Bool) throws -> [JinjaValue] {
        var positional = call.rest
        var path: AttributePath?
        if byAttribute {
            guard let attribute = positional.first else { throw call.fail("needs the name of an attribute") }
            path = try AttributePath(attribute)
            positional.removeFirst()
        }
        let test = try positional.first.map { try named($0, call) }
        let arguments = Arguments(positional: Array(positional.dropFirst()), keyword: call.bound.options)
        return try call.subjectItems().filter { item in
            let value = try path?.value(of: item, call.frame) ?? item
            let holds = try test.map { try $0.call(value, arguments, call.frame).isTrue() } ?? value.isTrue()
            return holds == keeps
        }
    }

    private static func named(_ value: JinjaValue, _ call: Call) throws -> FunctionDefinition {
        guard let name = value.text else { throw call.fail("needs the name of a test, not \(value.kindName)") }
        guard let test = call.frame.environment.test(name) else { throw call.frame.environment.unknown("test", name) }
        return test
    }
}
