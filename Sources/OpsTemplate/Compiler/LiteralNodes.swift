import OpsCore

final class ListNode: ExpressionNode {
    private let items: [any ExpressionNode]
    private let isTuple: Bool

    init(_ items: [any ExpressionNode], isTuple: Bool) {
        self.items = items
        self.isTuple = isTuple
    }

    func evaluate(_ frame: Frame) throws -> JinjaValue {
        let values = try items.map { try $0.evaluate(frame) }
        return isTuple ? .tuple(values) : .list(values)
    }
}

final class MapNode: ExpressionNode {
    private let items: [(key: any ExpressionNode, value: any ExpressionNode)]
    private let offset: Int

    init(_ items: [(key: any ExpressionNode, value: any ExpressionNode)], offset: Int) {
        self.items = items
        self.offset = offset
    }

    func evaluate(_ frame: Frame) throws -> JinjaValue {
        var result = MapObject.Items(minimumCapacity: items.count)
        for (key, value) in items {
            let key = try key.evaluate(frame)
            result[try frame.located(offset) { try MapKey.checked(key) }] = try value.evaluate(frame)
        }
        return .map(MapObject(result))
    }
}
