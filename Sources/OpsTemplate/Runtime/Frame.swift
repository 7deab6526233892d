import OpsCore

/// The local variables of one call: of a template, block, macro or recursive loop.
final class Frame {
    let instance: TemplateInstance
    let state: RenderState
    /// The frame of the code that lexically encloses this one.
    let parent: Frame?
    private let slots: ValueSlots
    var autoescape: Bool
    /// Set by `extends`; what follows it at the top level is not output.
    var parentTemplate: CompiledTemplate?

    init(_ instance: TemplateInstance, slots count: Int, parent: Frame? = nil, autoescape: Bool) {
        self.instance = instance
        state = instance.context.state
        self.parent = parent
        self.autoescape = autoescape
        slots = ValueSlots(count: count)
    }

    var tracker: SecretTracker { state.tracker }
    var environment: TemplateEnvironment { state.environment }

    subscript(slot: Int) -> JinjaValue? {
        get { slots[slot] }
        set { slots[slot] = newValue }
    }

    /// Lends a variable's place to `body`, which must not set it.
    @inline(__always)
    func lend<T>(_ slot: Int, to body: (borrowing ValueSlots.Slot) throws -> T) rethrows -> T {
        try slots.lend(slot, to: body)
    }

    func clear(_ range: Range<Int>) { slots.clear(range) }

    func clear() {
        slots.clear()
        parentTemplate = nil
    }

    /// The frame `levels` further out.
    func enclosing(_ levels: Int) -> Frame? {
        var frame: Frame? = self
        for _ in 0..<levels { frame = frame?.parent }
        return frame
    }

    func location(_ offset: Int) -> SourceLocation { instance.template.source.location(at: offset) }

    /// Runs `body`; an error that has no place yet gets this one.
    @inline(__always)
    func located<T>(_ offset: Int, _ body: () throws -> T) throws -> T {
        do {
            return try body()
        } catch {
            throw placed(error, offset)
        }
    }

    /// The error with this place if it has none yet.
    @inline(never)
    func placed(_ error: any Error, _ offset: Int) -> any Error {
        guard var diagnostic = error as? Diagnostic, diagnostic.location == nil else { return error }
        diagnostic.location = location(offset)
        return diagnostic
    }

    func fault(_ code: String, _ message: String, _ offset: Int, hints: [String] = []) -> Diagnostic {
        Diagnostic(code: code, message, at: location(offset), hints: hints)
    }

    /// Runs something that reads values, and makes its result secret if it read a secret.
    @inline(__always)
    func tracking(_ body: () throws -> JinjaValue) throws -> JinjaValue {
        let before = tracker.wasRead
        tracker.wasRead = false
        defer { tracker.wasRead = before }
        let result = try body()
        return tracker.wasRead ? try result.tainted(tracker) : result
    }

    /// The items of anything that can be looped over, counted against the limit.
    func iterate(_ value: JinjaValue) throws -> [JinjaValue] {
        let items: [JinjaValue]
        switch value {
        case .list(let list), .tuple(let list): items = list.items
        case .map(let map): items = map.keys
        case .range(let range):
            try state.charge(range.count)
            return (0..<range.count).map { .int(range[$0]) }
        case .string(let text), .markup(let text): items = text.unicodeScalars.map { .string(String($0)) }
        case .secret(let secret):
            items = secret.plain.unicodeScalars.map { .secret(SecretText(String($0), tracker: secret.tracker)) }
        case .undefined(let undefined):
            if !undefined.isSilent { throw undefined.diagnostic }
            items = []
        case .object(let object as any IterableObject): items = try object.items(self)
        default: throw Diagnostic(code: "template-type", "\(value.kindName) cannot be looped over")
        }
        try state.charge(items.count)
        return items
    }
}

/// A template object that can be looped over.
protocol IterableObject: TemplateObject {
    func items(_ frame: Frame) throws -> [JinjaValue]
}
