import OpsCore

extension FunctionTable {
    static let globalFunctions: [FunctionDefinition] = [
        FunctionDefinition("range", "start stop? step?") { call in
            let (first, second) = (try call.int(0), try call.given(1).map { _ in try call.int(1) })
            let step = try call.int(2, default: 1)
            if step == 0 { throw call.fail("the step cannot be zero") }
            return .range(RangeValue(start: second == nil ? 0 : first, stop: second ?? first, step: step))
        },
        FunctionDefinition("dict", "items? **options") { call in
            var result = MapObject.Items()
            switch call[0] {
            case nil: break
            case .map(let map)?: result = try map.items()
            case let value?:
                for item in try call.frame.iterate(value) {
                    let (key, content) = try call.frame.pair(item); result[key] = content
                }
            }
            for (name, value) in call.bound.options { result[MapKey(.string(name))] = value }
            return .map(MapObject(result))
        },
        FunctionDefinition("namespace", "items? **options") { call in
            var result = MapObject.Items()
            if case .map(let map)? = call[0] { result = try map.items() }
            for (name, value) in call.bound.options { result[MapKey(.string(name))] = value }
            return .namespace(MapObject(result))
        },
        FunctionDefinition("cycler", "*rest") { call in
            if call.rest.isEmpty { throw call.fail("at least one item has to be provided") }
            return .object(CyclerObject(call.rest))
        },
        FunctionDefinition("joiner", "sep?") { call in .object(JoinerObject(try call.string(0, default: ", "))) },
        FunctionDefinition("lipsum", "n? html? min? max?") { call in
            let (count, low, high) = (
                try call.int(0, default: 5), try call.int(2, default: 20), try call.int(3, default: 100)
            )
            guard (0...1000).contains(count), low >= 1, low < high, high <= 10_000 else {
                throw call.fail("needs reasonable numbers of paragraphs and words")
            }
            let paragraphs = (0..<count).map { _ in PlaceholderText.paragraph(words: Int.random(in: low..<high)) }
            if try call.bool(1, default: true) {
                return .markup(paragraphs.map { "<p>\($0)</p>" }.joined(separator: "\n"))
            }
            return .string(paragraphs.joined(separator: "\n\n"))
        },
        FunctionDefinition("undef", "hint?") { call in
            let hint = try call.given(0)?.printed() ?? "mandatory variable has not been overridden"
            return .undefined(UndefinedValue(name: "undef") { Diagnostic(code: "template-undefined", hint) })
        },
    ]
}

/// `cycler('a', 'b')`.
final class CyclerObject: TemplateObject {
    private let items: [JinjaValue]
    private var position = 0

    init(_ items: [JinjaValue]) { self.items = items }

    var typeName: String { "Cycler" }
    var text: String { "<Cycler>" }
    let attributeNames = ["current", "next", "reset", "pos", "items"]

    func attribute(_ name: String, _ frame: Frame) throws -> JinjaValue? {
        switch name {
        case "current": items[position]
        case "pos": .int(position)
        case "items": .tuple(items)
        case "next":
            .callable(Callable("next") { [self] _, _ in
                defer { position = (position + 1) % items.count }
                return items[position]
            })
        case "reset":
            .callable(Callable("reset") { [self] _, _ in
                position = 0
                return .null
            })
        default: nil
        }
    }
}

/// `joiner(', ')`: nothing at the first call, the separator at all others.
final class JoinerObject: TemplateObject, CallableObject {
    private let separator: String
    private var wasUsed = false

    init(_ separator: String) { self.separator = separator }

    var typeName: String { "Joiner" }
    var text: String { "<Joiner>" }
    var attributeNames: [String] { [] }
    func attribute(_ name: String, _ frame: Frame) throws -> JinjaValue? { nil }

    func call(_ arguments: Arguments, _ frame: Frame) throws -> JinjaValue {
        defer { wasUsed = true }
        return .string(wasUsed ? separator : "")
    }
}

/// Meaningless Latin for `lipsum()`.
private enum PlaceholderText {
    private static let words = PythonText.splitSpace(
        """
        a ac accumsan ad aenean aliquam amet ante arcu at auctor augue bibendum blandit commodo consectetuer cras cubilia cursus \
        diam dictum dolor donec duis egestas eget elit enim erat eros et eu facilisis fames felis fermentum fusce gravida habitant \
        iaculis id imperdiet in integer ipsum justo lacinia lacus lectus leo libero ligula lorem luctus magna massa mauris metus \
        mi morbi nam nec neque nibh nisi nulla nunc odio orci ornare pede porta purus quam quis risus rutrum sed sem sit sodales \
        tellus tempus tortor turpis ultrices urna ut varius vel velit vitae vivamus volutpat
        """)

    static func paragraph(words count: Int) -> String {
        let chosen = (0..<count).compactMap { _ in words.randomElement() }
        return PythonText.capitalize(chosen.joined(separator: " ")) + "."
    }
}
