import OpsCore

/// `subject.name`: a method or attribute first, then an item, as in Jinja2.
final class AttributeNode: ExpressionNode {
    let subject: any ExpressionNode
    /// Set when the subject is a variable of the frame's own.
    private let localSlot: Int?
    private let name: MemberName
    let methods: Methods.Named
    private let isMapMethod: Bool
    let offset: Int
    /// How the subject is written, for messages.
    private let label: String

    init(_ subject: any ExpressionNode, _ name: String, label: String, offset: Int) {
        self.subject = subject
        localSlot = (subject as? LocalNode)?.slot
        self.name = MemberName(name)
        self.label = label
        self.offset = offset
        methods = Methods.named(name)
        isMapMethod = methods.map != nil
    }

    func evaluate(_ frame: Frame) throws -> JinjaValue {
        if let localSlot, let value = try frame.lend(localSlot, to: { try member(of: $0, frame) }) { return value }
        return try evaluate(of: try subject.evaluate(frame), frame)
    }

    /// The member of a variable that is a mapping and has it; nil otherwise.
    @inline(never)
    private func member(of owner: borrowing ValueSlots.Slot, _ frame: Frame) throws -> JinjaValue? {
        guard case .map(let map)? = owner.value, !isMapMethod else { return nil }
        return try frame.located(offset) { try map.value(name) }
    }

    /// Not inlined: a value of the caller's own would be copied to look into it.
    @inline(never)
    func evaluate(of owner: JinjaValue, _ frame: Frame) throws -> JinjaValue {
        switch owner {
        case .map(let map):
            if isMapMethod { break }
            return try frame.located(offset) { try map.value(name) } ?? missing(owner, frame)
        case .undefined(let undefined):
            if frame.state.isAnsible { return owner }
            throw undefined.diagnostic
        default: break
        }
        return try frame.located(offset) { try Access.attribute(owner, name.text, frame) } ?? missing(owner, frame)
    }

    private func missing(_ owner: JinjaValue, _ frame: Frame) -> JinjaValue {
        let (source, offset) = (frame.instance.template.source, offset)
        return Access.missing(name.text, of: owner, label: label, at: source.location(at: offset))
    }
}

/// `subject[key]`: an item first, then an attribute.
final class ItemNode: ExpressionNode {
    private let subject: any ExpressionNode
    private let key: any ExpressionNode
    private let label: String
    private let offset: Int

    init(_ subject: any ExpressionNode, _ key: any ExpressionNode, label: String, offset: Int) {
        self.subject = subject
        self.key = key
        self.label = label
        self.offset = offset
    }

    func evaluate(_ frame: Frame) throws -> JinjaValue {
        let owner = try subject.evaluate(frame)
        let key = try key.evaluate(frame)
        if case .undefined(let undefined) = owner {
            if frame.state.isAnsible { return owner }
            throw undefined.diagnostic
        }
        if case .undefined(let undefined) = key { throw undefined.diagnostic }
        if let value = try frame.located(offset, { try Access.item(owner, key, frame) }) { return value }
        let name = key.comparableText ?? (try? key.represented()) ?? key.kindName
        let (source, offset) = (frame.instance.template.source, offset)
        return Access.missing(name, of: owner, label: label, at: source.location(at: offset))
    }
}

/// `subject[start:stop:step]`.
final class SliceNode: ExpressionNode {
    private let subject: any ExpressionNode
    private let bounds: [(any ExpressionNode)?]
    private let offset: Int

    init(_ subject: any ExpressionNode, _ bounds: [(any ExpressionNode)?], offset: Int) {
        self.subject = subject
        self.bounds = bounds
        self.offset = offset
    }

    func evaluate(_ frame: Frame) throws -> JinjaValue {
        let owner = try subject.evaluate(frame)
        let values = try bounds.map { try $0?.evaluate(frame) ?? .null }
        return try frame.located(offset) { try Access.slice(owner, values[0], values[1], values[2], frame) }
    }
}
