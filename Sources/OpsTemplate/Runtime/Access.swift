import OpsCore

/// Attributes, items and slices of values.
enum Access {
    /// `owner.name`, nil if there is none.
    static func attribute(_ owner: JinjaValue, _ name: String, _ frame: Frame) throws -> JinjaValue? {
        if let method = Methods.method(name, of: owner) {
            return .callable(Callable(name, typeName: "method") { try method.call(owner, $0, $1) })
        }
        switch owner {
        case .map(let map), .namespace(let map): return try map.value(name)
        case .object(let object): return try object.attribute(name, frame)
        case .callable(let callable): return callable.macro?.attribute(name)
        case .tuple(let tuple): return (tuple as? NamedTuple)?.attribute(name)
        default: return nil
        }
    }

    /// `owner[key]`, nil if there is none.
    static func item(_ owner: JinjaValue, _ key: JinjaValue, _ frame: Frame) throws -> JinjaValue? {
        switch owner {
        case .map(let map):
            if let value = try map.value(key) { return value }
        case .list(let list), .tuple(let list):
            if let index = key.integer {
                let items = list.items
                let position = index < 0 ? index + items.count : index
                return items.indices.contains(position) ? items[position] : nil
            }
        case .range(let range):
            if let index = key.integer {
                let position = index < 0 ? index + range.count : index
                return (0..<range.count).contains(position) ? .int(range[position]) : nil
            }
        case .string, .markup, .secret:
            if let index = key.integer { return try frame.tracking { character(owner, index, frame) ?? .null }.nonNull }
        default: break
        }
        if let name = key.text { return try attribute(owner, name, frame) }
        return nil
    }

    private static func character(_ owner: JinjaValue, _ index: Int, _ frame: Frame) -> JinjaValue? {
        let scalars = frame.state.characters.scalars(owner.text ?? "")
        let position = index < 0 ? index + scalars.count : index
        guard scalars.indices.contains(position) else { return nil }
        return owner.withText(String(scalars[position]))
    }

    /// The undefined value for an attribute or item that is not there.
    ///
    /// The place is worked out only if it turns out to be an error: `x.y | default(1)` is none.
    static func missing(
        _ name: String, of owner: JinjaValue, label: String, at location: @escaping @autoclosure () -> SourceLocation?
    ) -> JinjaValue {
        .undefined(UndefinedValue(name: name) {
            Diagnostic(
                    code: "template-undefined", "\(label) has no attribute '\(name)'", at: location(),
                    hints: hints(name, owner))
        })
    }

    private static func hints(_ name: String, _ owner: JinjaValue) -> [String] {
        let known: [String]
        switch owner {
        case .map(let map), .namespace(let map): known = map.keys.compactMap(\.comparableText)
        case .object(let object): known = object.attributeNames
        case .list(let list), .tuple(let list): return ["it is \(owner.kindName) of \(list.count) items"]
        case .null: return ["it is none"]
        default: return ["it is \(owner.kindName)"]
        }
        if let nearest = NearestName.to(name, in: known) { return ["did you mean '\(nearest)'?"] }
        if known.isEmpty { return ["it is \(owner.kindName) without any"] }
        return ["it has: " + known.prefix(12).joined(separator: ", ") + (known.count > 12 ? ", …" : "")]
    }

    static func slice(
        _ owner: JinjaValue, _ start: JinjaValue, _ stop: JinjaValue, _ step: JinjaValue, _ frame: Frame
    ) throws -> JinjaValue {
        let step = try bound(step) ?? 1
        if step == 0 { throw Diagnostic(code: "template-value", "the step of a slice cannot be zero") }
        func indices(_ count: Int) throws -> [Int] { sliceIndices(count, try bound(start), try bound(stop), step) }
        func sliced(_ text: String) throws -> String {
            let scalars = frame.state.characters.scalars(text)
            return String(String.UnicodeScalarView(try indices(scalars.count).map { scalars[$0] }))
        }
        switch owner {
        case .list(let list):
            let items = list.items
            return .list(try indices(items.count).map { items[$0] })
        case .tuple(let tuple):
            let items = tuple.items
            return .tuple(try indices(items.count).map { items[$0] })
        case .string(let text): return .string(try sliced(text))
        case .markup(let text): return .markup(try sliced(text))
        case .secret(let secret): return .secret(SecretText(try sliced(secret.plain), tracker: secret.tracker))
        case .range(let range):
            return .range(try range.slice(sliceBounds(range.count, try bound(start), try bound(stop), step)))
        case .undefined(let undefined): throw undefined.diagnostic
        default: throw Diagnostic(code: "template-type", "\(owner.kindName) cannot be sliced")
        }
    }

    private static func bound(_ value: JinjaValue) throws -> Int? {
        if value.isNull { return nil }
        if case .undefined(let undefined) = value { throw undefined.diagnostic }
        guard let number = value.integer else {
            throw Diagnostic(code: "template-type", "the bounds of a slice must be integers, not \(value.kindName)")
        }
        return number
    }

    /// The positions that a slice of so many items has.
    static func sliceIndices(_ count: Int, _ start: Int?, _ stop: Int?, _ step: Int) -> [Int] {
        let bounds = sliceBounds(count, start, stop, step)
        let isEmpty = step > 0 ? bounds.start >= bounds.stop : bounds.start <= bounds.stop
        return isEmpty ? [] : Array(stride(from: bounds.start, to: bounds.stop, by: bounds.step))
    }

    /// What Python's `slice.indices` gives.
    static func sliceBounds(_ count: Int, _ start: Int?, _ stop: Int?, _ step: Int) -> (start: Int, stop: Int, step: Int) {
        let limit = min(count, .max - 1) + 1
        let step = min(max(step, -limit), limit)
        func clamp(_ index: Int, _ low: Int, _ high: Int) -> Int {
            min(max(index < 0 ? index + count : index, low), high)
        }
        if step > 0 {
            return (start.map { clamp($0, 0, count) } ?? 0, stop.map { clamp($0, 0, count) } ?? count, step)
        }
        return (start.map { clamp($0, -1, count - 1) } ?? count - 1, stop.map { clamp($0, -1, count - 1) } ?? -1, step)
    }
}

extension JinjaValue {
    /// nil for none.
    var nonNull: JinjaValue? { isNull ? nil : self }
}
