import OpsCore

extension JinjaValue {
    /// Python's `bool(value)`.
    func isTrue() throws -> Bool {
        switch self {
        case .bool(let flag): flag
        case .null: false
        case .int(let number): number != 0
        case .double(let number): number != 0
        case .string(let text), .markup(let text): !text.isEmpty
        case .secret(let secret): !secret.plain.isEmpty
        case .secretNumber(let number): try number.plain.isTrue()
        case .list(let list), .tuple(let list): list.count > 0
        case .map(let map): map.count > 0
        case .range(let range): range.count > 0
        case .undefined(let undefined):
            if undefined.isSilent { false } else { throw undefined.diagnostic }
        case .namespace, .callable, .object: true
        }
    }

    /// Python's `==`, also for what is undefined; use `equals` where that must be an error.
    func isEqual(to other: JinjaValue, depth: Int = 0) -> Bool {
        guard depth < Limits.maximumValueDepth else { return false }
        switch (self, other) {
        case (.null, .null): return true
        case (.int(let a), .int(let b)): return a == b
        case (.list(let a), .list(let b)), (.tuple(let a), .tuple(let b)):
            return JinjaValue.areEqual(a, b, depth)
        case (.map(let a), .map(let b)): return JinjaValue.areEqual(a, b, depth)
        case (.range(let a), .range(let b)):
            return a.count == b.count && (a.count == 0 || (a.start == b.start && (a.count == 1 || a.step == b.step)))
        case (.namespace(let a), .namespace(let b)): return a === b
        case (.callable(let a), .callable(let b)): return a === b
        case (.object(let a), .object(let b)):
            guard let a = a as? any OrderedObject, let b = b as? any OrderedObject else { return a === b }
            return a.rank == b.rank
        case (.undefined(let a), .undefined(let b)): return a === b
        default: break
        }
        if let a = comparableText, let b = other.comparableText { return a.sameText(as: b) }
        let (left, right) = (comparable, other.comparable)
        if let a = left.integer, let b = right.integer { return a == b }
        if let a = left.number, let b = right.number { return a == b }
        return false
    }

    private static func areEqual(_ a: ListObject, _ b: ListObject, _ depth: Int) -> Bool {
        if a === b { return true }
        guard a.count == b.count, WalkBudget.mayVisit(a.count) else { return false }
        return zip(a.items, b.items).allSatisfy { $0.isEqual(to: $1, depth: depth + 1) }
    }

    private static func areEqual(_ a: MapObject, _ b: MapObject, _ depth: Int) -> Bool {
        if a === b { return true }
        guard a.count == b.count, WalkBudget.mayVisit(a.count) else { return false }
        guard let left = try? a.items(), let right = try? b.items() else { return false }
        return left.allSatisfy { key, value in right[key].map { value.isEqual(to: $0, depth: depth + 1) } ?? false }
    }

    /// Whether this comes before `other`; an error for kinds that Python does not order.
    func isLess(than other: JinjaValue, depth: Int = 0) throws -> Bool {
        guard depth < Limits.maximumValueDepth else { throw Limits.tooDeep }
        if let a = comparableText, let b = other.comparableText { return a.textIsLess(than: b) }
        let (left, right) = (comparable, other.comparable)
        if let a = left.integer, let b = right.integer { return a < b }
        if let a = left.number, let b = right.number { return a < b }
        switch (self, other) {
        case (.list(let a), .list(let b)), (.tuple(let a), .tuple(let b)):
            try WalkBudget.visit(min(a.count, b.count))
            for (left, right) in zip(a.items, b.items) where !left.isEqual(to: right, depth: depth + 1) {
                return try left.isLess(than: right, depth: depth + 1)
            }
            return a.count < b.count
        case (.undefined(let undefined), _), (_, .undefined(let undefined)): throw undefined.diagnostic
        case (.object(let a as any OrderedObject), .object(let b as any OrderedObject)) where a.rank.scale == b.rank.scale:
            return a.rank.place < b.rank.place
        default:
            throw Diagnostic(code: "template-type", "\(kindName) and \(other.kindName) cannot be ordered")
        }
    }

    /// `item in self`.
    func contains(_ item: JinjaValue, _ frame: Frame) throws -> Bool {
        if case .undefined(let undefined) = item { throw undefined.diagnostic }
        switch self {
        case .map(let map):
            return try map.value(item) != nil
        case .string, .markup, .secret:
            guard let text = comparableText, let part = item.comparableText else {
                throw Diagnostic(
                    code: "template-type", "'in' on a string needs a string on the left, not \(item.kindName)")
            }
            return text.containsText(part)
        case .range(let range):
            guard let number = item.comparable.integer, range.count > 0 else { return false }
            let offset = number.subtractingReportingOverflow(range.start)
            return !offset.overflow && offset.partialValue % range.step == 0
                && (0..<range.count).contains(offset.partialValue / range.step)
        case .list, .tuple, .object, .undefined:
            return try frame.iterate(self).contains { $0.isEqual(to: item) }
        default:
            throw Diagnostic(code: "template-type", "'in' does not work on \(kindName)")
        }
    }

    static func compare(_ comparison: ComparisonOperator, _ left: JinjaValue, _ right: JinjaValue, _ frame: Frame)
        throws -> Bool
    {
        let holds = try holds(comparison, left, right, frame)
        try frame.state.walks.check()
        return holds
    }

    private static func holds(_ comparison: ComparisonOperator, _ left: JinjaValue, _ right: JinjaValue, _ frame: Frame)
        throws -> Bool
    {
        switch comparison {
        case .contained: return try right.contains(left, frame)
        case .notContained: return try !right.contains(left, frame)
        default: break
        }
        if case .undefined(let undefined) = left { throw undefined.diagnostic }
        if case .undefined(let undefined) = right { throw undefined.diagnostic }
        switch comparison {
        case .equal: return left.isEqual(to: right)
        case .notEqual: return !left.isEqual(to: right)
        case .less: return try left.isLess(than: right)
        case .greater: return try right.isLess(than: left)
        case .lessEqual: return try left.isAtMost(right)
        default: return try right.isAtMost(left)
        }
    }

    /// `self <= other`; false both ways for NaN.
    private func isAtMost(_ other: JinjaValue) throws -> Bool {
        if let a = comparable.number, let b = other.comparable.number, a.isNaN || b.isNaN { return false }
        return try !other.isLess(than: self)
    }
}
