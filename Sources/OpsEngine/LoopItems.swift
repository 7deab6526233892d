import OpsCore
import OpsProject

/// Works out what a step loops over.
struct LoopItems {
    var templar: Templar

    /// Most items that a loop may have.
    private static let most = 100_000

    func items(_ loop: Loop, _ scope: StepScope) throws -> [Value] {
        let value = try templar.render(loop.items, scope)
        let items: [Value] =
            switch loop.kind {
            case .list: try list(value, loop)
            case .lookup(let name): try templar.lookup(name, value.list ?? [value], scope, at: loop.items.location)
            }
        guard items.count <= Self.most else {
            throw Diagnostic(code: "loop-too-long", "the loop has \(items.count) items, more than \(Self.most)", at: loop.items.location)
        }
        return items
    }

    private func list(_ value: Value, _ loop: Loop) throws -> [Value] {
        if let items = value.list { return items }
        throw Diagnostic(
            code: "not-a-list", "'loop' needs a list, not a \(value.kindName)", at: loop.items.location,
            hints: value.map == nil ? [] : ["use with_dict, or '{{ ... | dict2items }}', to loop over a mapping"])
    }

    /// `ansible_loop` of `loop_control: {extended: true}`.
    static func extended(_ index: Int, _ items: [Value]) -> Value {
        var map: ValueMap = [
            "allitems": .list(items), "index": .int(index + 1), "index0": .int(index), "length": .int(items.count),
            "revindex": .int(items.count - index), "revindex0": .int(items.count - index - 1),
            "first": .bool(index == 0), "last": .bool(index == items.count - 1),
        ]
        if index > 0 { map["previtem"] = items[index - 1] }
        if index + 1 < items.count { map["nextitem"] = items[index + 1] }
        return .map(map)
    }
}
