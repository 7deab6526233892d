import OpsCore

extension Methods {
    static let sequenceMethods: [FunctionDefinition] = [
        FunctionDefinition("count", "value /") { call in
            let value = try call.argument(0)
            return .int(try call.subjectItems().filter { $0.isEqual(to: value) }.count)
        },
        FunctionDefinition("index", "value start? stop? /") { call in
            let (value, items) = (try call.argument(0), try call.subjectItems())
            let range = Access.sliceIndices(items.count, call[1]?.integer, call[2]?.integer, 1)
            guard let index = range.first(where: { items[$0].isEqual(to: value) }) else {
                throw call.fail("the value is not in the list")
            }
            return .int(index)
        },
    ]

    static let listMethods: [FunctionDefinition] = sequenceMethods + [
        FunctionDefinition("append", "value /", acceptsUndefined: true) { call in
            let value = try call.argument(0)
            try list(call).modify { $0.append(value) }
            return .null
        },
        FunctionDefinition("extend", "values /") { call in
            let values = try call.frame.iterate(call.argument(0))
            try list(call).modify { $0 += values }
            return .null
        },
        FunctionDefinition("insert", "index value /") { call in
            let (index, value) = (try call.int(0), try call.argument(1))
            try list(call).modify { items in
                let position = min(max(index < 0 ? index + items.count : index, 0), items.count)
                try call.chargeMoves(items.count - position)
                items.insert(value, at: position)
            }
            return .null
        },
        FunctionDefinition("pop", "index? /") { call in
            let index = try call.int(0, default: -1)
            return try list(call).modify { items in
                let position = index < 0 ? index + items.count : index
                guard items.indices.contains(position) else { throw call.fail("the index is out of range") }
                try call.chargeMoves(items.count - position)
                return items.remove(at: position)
            }
        },
        FunctionDefinition("remove", "value /") { call in
            let value = try call.argument(0)
            try list(call).modify { items in
                try call.frame.state.charge(items.count)
                guard let index = items.firstIndex(where: { $0.isEqual(to: value) }) else {
                    throw call.fail("the value is not in the list")
                }
                items.remove(at: index)
            }
            return .null
        },
        FunctionDefinition("clear") { call in
            try list(call).items = []
            return .null
        },
        FunctionDefinition("copy") { call in .list(try call.subjectItems()) },
        FunctionDefinition("reverse") { call in
            try list(call).modify { $0.reverse() }
            return .null
        },
        FunctionDefinition("sort", "key? reverse?") { call in
            if call.given(0) != nil {
                throw call.fail("templates have no functions to sort by", hints: ["use the filter: x | sort(attribute=…)"])
            }
            let sorted = try Sorting.sorted(list(call).items, reverse: call.bool(1))
            try list(call).items = sorted
            return .null
        },
    ]

    private static func list(_ call: Call) throws -> ListObject {
        guard case .list(let list) = call.subject else { throw call.fail("needs a list") }
        return list
    }
}

extension Call {
    /// Counts items that move up or down by one; many of them take the time of one that is looked at.
    func chargeMoves(_ count: Int) throws { try frame.state.charge(count / 64) }
}
