import OpsCore

/// Python's binary operators.
enum Operators {
    static func apply(_ binary: BinaryOperator, _ left: JinjaValue, _ right: JinjaValue, _ frame: Frame) throws
        -> JinjaValue
    {
        switch (left, right) {
        case (.int(let a), .int(let b)): return try integers(binary, a, b)
        case (.undefined(let undefined), _), (_, .undefined(let undefined)): throw undefined.diagnostic
        case (.secretNumber(let a), _): return try frame.tracking { try apply(binary, a.revealed, right, frame) }
        case (_, .secretNumber(let b)): return try frame.tracking { try apply(binary, left, b.revealed, frame) }
        default: break
        }
        if let a = left.integer, let b = right.integer { return try integers(binary, a, b) }
        if let a = left.number, let b = right.number { return try doubles(binary, a, b) }
        return try frame.tracking { try others(binary, left, right, frame) }
    }

    private static func integers(_ binary: BinaryOperator, _ a: Int, _ b: Int) throws -> JinjaValue {
        switch binary {
        case .add: return try PythonNumber.checked(a.addingReportingOverflow(b))
        case .subtract: return try PythonNumber.checked(a.subtractingReportingOverflow(b))
        case .multiply: return try PythonNumber.checked(a.multipliedReportingOverflow(by: b))
        case .divide:
            return .double(try PythonNumber.divide(a, b))
        case .floorDivide: return .int(try PythonNumber.floorDivide(a, b))
        case .modulo: return .int(try PythonNumber.modulo(a, b))
        case .power: return try PythonNumber.power(a, b)
        }
    }

    private static func doubles(_ binary: BinaryOperator, _ a: Double, _ b: Double) throws -> JinjaValue {
        switch binary {
        case .add: return .double(a + b)
        case .subtract: return .double(a - b)
        case .multiply: return .double(a * b)
        case .divide:
            if b == 0 { throw PythonNumber.divisionByZero }
            return .double(a / b)
        case .floorDivide: return .double(try PythonNumber.floorDivide(a, b))
        case .modulo: return .double(try PythonNumber.modulo(a, b))
        case .power:
            let result = PythonNumber.power(a, b)
            guard result.isFinite || !a.isFinite || !b.isFinite else {
                throw Diagnostic(code: "template-arithmetic", "the result of '**' is not a finite number")
            }
            return .double(result)
        }
    }

    private static func others(
        _ binary: BinaryOperator, _ left: JinjaValue, _ right: JinjaValue, _ frame: Frame
    ) throws -> JinjaValue {
        switch (binary, left, right) {
        case (.add, .markup(let a), _) where right.isText:
            if case .markup(let b) = right { return .markup(try joined(a, b, frame)) }
            return .markup(try joined(a, HTML.escape(right.text ?? ""), frame))
        case (.add, _, .markup(let b)) where left.isText:
            return .markup(try joined(HTML.escape(left.text ?? ""), b, frame))
        case (.add, _, _) where left.isText && right.isText:
            return .string(try joined(left.text ?? "", right.text ?? "", frame))
        case (.add, .list(let a), .list(let b)):
            try frame.state.charge(a.count + b.count)
            return .list(a.items + b.items)
        case (.add, .tuple(let a), .tuple(let b)):
            try frame.state.charge(a.count + b.count)
            return .tuple(a.items + b.items)
        case (.multiply, _, _):
            if let count = right.integer, let result = try repeated(left, count, frame) { return result }
            if let count = left.integer, let result = try repeated(right, count, frame) { return result }
        case (.modulo, _, _) where left.isText:
            if case .markup(let text) = left {
                return .markup(
                    try PercentFormat.format(text, try right.escapedTexts(), limit: frame.state.limits.outputSize))
            }
            return .string(try PercentFormat.format(left.text ?? "", right, limit: frame.state.limits.outputSize))
        case (_, .object(let object as any ArithmeticObject), _):
            if let result = try object.apply(binary, right) { return result }
        default: break
        }
        throw Diagnostic(
            code: "template-type", "'\(binary.rawValue)' does not work on \(left.kindName) and \(right.kindName)",
            hints: binary == .add && (left.isText || right.isText)
                ? ["use '~' to join text, it turns both sides into strings"] : [])
    }

    private static func joined(_ a: String, _ b: String, _ frame: Frame) throws -> String {
        try frame.state.checkSize(a.utf8.count + b.utf8.count)
        return a + b
    }

    private static func repeated(_ value: JinjaValue, _ count: Int, _ frame: Frame) throws -> JinjaValue? {
        let count = max(count, 0)
        if let text = value.text {
            let size = text.utf8.count.multipliedReportingOverflow(by: count)
            try frame.state.checkSize(size.overflow ? .max : size.partialValue)
            let result = String(repeating: text, count: count)
            if case .markup = value { return .markup(result) }
            return .string(result)
        }
        guard let list = value.sequence else { return nil }
        let size = list.count.multipliedReportingOverflow(by: count)
        try frame.state.charge(size.overflow ? .max : size.partialValue)
        let items = list.items
        let result = Array((0..<count).map { _ in items }.joined())
        if case .tuple = value { return .tuple(result) }
        return .list(result)
    }
}

extension JinjaValue {
    /// The list or tuple.
    var sequence: ListObject? {
        switch self {
        case .list(let list), .tuple(let list): list
        default: nil
        }
    }
}

extension JinjaValue {
    /// The value with its strings HTML-escaped, for putting into Markup.
    func escapedTexts(depth: Int = 0) throws -> JinjaValue {
        guard depth < Limits.maximumValueDepth else { throw Limits.tooDeep }
        switch self {
        case .string(let text): return .string(HTML.escape(text))
        case .tuple(let tuple):
            try WalkBudget.visit(tuple.count)
            return .tuple(try tuple.items.map { try $0.escapedTexts(depth: depth + 1) })
        case .map(let map):
            try WalkBudget.visit(map.count)
            return .map(MapObject(try map.items().mapValues { try $0.escapedTexts(depth: depth + 1) }))
        default: return self
        }
    }
}
