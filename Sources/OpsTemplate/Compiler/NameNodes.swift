import OpsCore

final class ConstantNode: ExpressionNode {
    private let value: Value
    init(_ value: Value) { self.value = value }

    func evaluate(_ frame: Frame) throws -> JinjaValue {
        switch value {
        case .int(let number): .int(number)
        case .bool(let flag): .bool(flag)
        case .double(let number): .double(number)
        case .string(let text): .string(text)
        default: .null
        }
    }
}

final class StringNode: ExpressionNode {
    private let text: String
    init(_ text: String) { self.text = text }
    func evaluate(_ frame: Frame) throws -> JinjaValue { .string(text) }
}

/// A variable of the frame itself; `fallback` is what the name means while it is not set.
final class LocalNode: ExpressionNode {
    let slot: Int
    private let fallback: (any ExpressionNode)?

    init(_ slot: Int, fallback: (any ExpressionNode)?) {
        self.slot = slot
        self.fallback = fallback
    }

    func evaluate(_ frame: Frame) throws -> JinjaValue {
        guard let fallback else { return frame[slot] ?? .null }
        if let value = frame[slot] { return value }
        return try fallback.evaluate(frame)
    }
}

/// A variable of an enclosing frame.
final class OuterNode: ExpressionNode {
    private let slot: Int
    private let levels: Int
    private let fallback: (any ExpressionNode)?

    init(_ slot: Int, levels: Int, fallback: (any ExpressionNode)?) {
        self.slot = slot
        self.levels = levels
        self.fallback = fallback
    }

    func evaluate(_ frame: Frame) throws -> JinjaValue {
        if let value = frame.enclosing(levels)?[slot] { return value }
        return try fallback?.evaluate(frame) ?? .null
    }
}

/// A variable from outside of the template: the scope's, an including template's, or a global.
final class ContextNode: ExpressionNode {
    private let index: Int
    private let name: String
    private let offset: Int

    init(_ index: Int, _ name: String, offset: Int) {
        self.index = index
        self.name = name
        self.offset = offset
    }

    func evaluate(_ frame: Frame) throws -> JinjaValue {
        do {
            if let value = try frame.instance.contextValue(index) { return value }
        } catch let error as Diagnostic where error.code == "template-undefined" {
            // A variable that needs something undefined is undefined itself: `default` and `is defined` see it so.
            let (node, frame) = (self, frame)
            return .undefined(UndefinedValue(name: name) { node.inContext(error, frame) as? Diagnostic ?? error })
        } catch {
            throw inContext(error, frame)
        }
        return undefined(frame)
    }

    private func undefined(_ frame: Frame) -> JinjaValue {
        let (name, offset, instance) = (name, offset, frame.instance)
        return .undefined(UndefinedValue(name: name) {
            Diagnostic(
                    code: "template-undefined", "'\(name)' is not defined",
                    at: instance.template.source.location(at: offset),
                hints: NearestName.hints(for: name, in: instance.context.visibleNames.sorted()))
        })
    }

    /// An error in the variable's own value gets the place of its use as trail.
    private func inContext(_ error: any Error, _ frame: Frame) -> any Error {
        guard var diagnostic = error as? Diagnostic else { return error }
        if diagnostic.location == nil {
            diagnostic.location = frame.location(offset)
        } else {
            diagnostic.trail.insert(Diagnostic.Note("used as '\(name)'", at: frame.location(offset)), at: 0)
        }
        return diagnostic
    }
}

/// What reads like an action of Go's and is one if it is undefined here.
final class GoSuspectNode: ExpressionNode {
    private let value: any ExpressionNode
    private let offset: Int

    init(_ value: any ExpressionNode, offset: Int) {
        self.value = value
        self.offset = offset
    }

    func evaluate(_ frame: Frame) throws -> JinjaValue {
        let value = try value.evaluate(frame)
        guard case .undefined(let undefined) = value else { return value }
        let (source, offset) = (frame.instance.template.source, offset)
        return .undefined(UndefinedValue(name: undefined.name) { GoText.refusal(at: source.location(at: offset)) })
    }
}
