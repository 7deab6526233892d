import OpsCore

/// The `loop` variable.
final class LoopObject: TemplateObject, CallableObject {
    typealias Recursion = (JinjaValue) throws -> JinjaValue

    private let source: LoopSource
    private let depth: Int
    private let recurse: Recursion?
    private var index = 0
    private var item: JinjaValue?
    private var previous: JinjaValue?
    /// As it was when it was first asked for.
    private lazy var length = source.count
    /// What `changed` was last called with.
    private var lastSeen: [JinjaValue]?

    init(_ source: LoopSource, depth: Int, recurse: Recursion?) {
        self.source = source
        self.depth = depth
        self.recurse = recurse
    }

    /// Begins the round of the item at this position.
    func advance(to position: Int, _ next: JinjaValue) {
        previous = item
        item = next
        index = position
    }

    var typeName: String { "LoopContext" }
    var text: String { "<LoopContext \(index + 1)/\(length)>" }
    let attributeNames = [
        "index", "index0", "revindex", "revindex0", "first", "last", "length", "depth", "depth0", "previtem",
        "nextitem",
        "cycle", "changed",
    ]

    func attribute(_ name: String, _ frame: Frame) throws -> JinjaValue? {
        switch name {
        case "index": .int(index + 1)
        case "index0": .int(index)
        case "revindex": .int(length - index)
        case "revindex0": .int(length - index - 1)
        case "first": .bool(index == 0)
        case "last": .bool(source[index + 1] == nil)
        case "length": .int(length)
        case "depth": .int(depth + 1)
        case "depth0": .int(depth)
        case "previtem": previous ?? missing("there is no previous item")
        case "nextitem": source[index + 1] ?? missing("there is no next item")
        case "cycle": .callable(Callable("cycle") { [self] arguments, _ in try cycle(arguments.positional) })
        case "changed": .callable(Callable("changed") { [self] arguments, frame in
            let changed = changed(arguments.positional)
            try frame.state.walks.check()
            return .bool(changed)
        })
        default: nil
        }
    }

    private func missing(_ message: String) -> JinjaValue {
        .undefined(UndefinedValue(name: "item") { Diagnostic(code: "template-undefined", message) })
    }

    private func cycle(_ values: [JinjaValue]) throws -> JinjaValue {
        if values.isEmpty { throw Diagnostic(code: "template-arguments", "no items for cycling given") }
        return values[index % values.count]
    }

    private func changed(_ values: [JinjaValue]) -> Bool {
        defer { lastSeen = values }
        guard let lastSeen, lastSeen.count == values.count else { return true }
        return !zip(lastSeen, values).allSatisfy { $0.isEqual(to: $1) }
    }

    func call(_ arguments: Arguments, _ frame: Frame) throws -> JinjaValue {
        guard let recurse else {
            throw Diagnostic(code: "template-type", "the loop is not recursive", hints: ["write {% for … recursive %}"])
        }
        guard arguments.positional.count == 1 else {
            throw Diagnostic(code: "template-arguments", "'loop' takes one argument, what to loop over")
        }
        return try recurse(arguments.positional[0])
    }
}
