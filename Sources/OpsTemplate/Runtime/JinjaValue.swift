import OpsCore
import OrderedCollections

/// A value while a template runs: what `Value` knows, plus Python's and Jinja's own kinds.
///
/// Lists, tuples and maps are references, as in Python, so that `x.append(1)` is seen by all who
/// hold `x`. Values belong to one rendering and do not leave it; `Value` does.
enum JinjaValue {
    case undefined(UndefinedValue)
    case null
    case bool(Bool)
    case int(Int)
    case double(Double)
    case string(String)
    /// Text that came from a secret; reading it marks the rendering's `SecretTracker`.
    case secret(SecretText)
    /// A number that came from a secret.
    case secretNumber(SecretNumber)
    /// Text that is HTML already and is not escaped again.
    case markup(String)
    case list(ListObject)
    case tuple(ListObject)
    case map(MapObject)
    /// `namespace()`, the only thing whose attributes `set` can change.
    case namespace(MapObject)
    /// Boxed, as the largest kind decides how much room every value takes.
    indirect case range(RangeValue)
    /// Something that can be called: a macro, a method of a value, a global function.
    case callable(Callable)
    /// `loop`, `cycler()`, `self` and the like.
    case object(any TemplateObject)
}

/// A value that only templates know, with attributes of its own.
protocol TemplateObject: AnyObject {
    /// What Python would call its type.
    var typeName: String { get }
    /// How the object shows when printed.
    var text: String { get }
    /// How the object shows inside of lists and mappings.
    var representation: String { get }
    /// The attribute, or nil if there is none of that name.
    func attribute(_ name: String, _ frame: Frame) throws -> JinjaValue?
    /// All attribute names, for hints.
    var attributeNames: [String] { get }
}

extension TemplateObject {
    var representation: String { text }
}

/// A name or attribute that is not there; an error as soon as it is used.
final class UndefinedValue {
    /// What was not found: a variable's or attribute's name.
    let name: String
    /// Prints as nothing and counts as false instead of being an error: an inline `if` without `else`.
    let isSilent: Bool
    private let explain: () -> Diagnostic

    init(name: String, isSilent: Bool = false, explain: @escaping () -> Diagnostic) {
        self.name = name
        self.isSilent = isSilent
        self.explain = explain
    }

    /// The error that using the value is. Made only when needed, as it searches for similar names.
    var diagnostic: Diagnostic { explain() }
}

/// Notes whether the text of a secret was read, so that what is made from it becomes secret too.
final class SecretTracker {
    var wasRead = false
}

/// The text of a secret inside of a rendering.
final class SecretText {
    /// The text, for comparisons and tests, whose results give nothing away as text.
    let plain: String
    let tracker: SecretTracker

    init(_ plain: String, tracker: SecretTracker) {
        self.plain = plain
        self.tracker = tracker
    }

    /// The text, for making other values from it.
    var revealed: String {
        tracker.wasRead = true
        return plain
    }
}

/// A number made from a secret. Filters and operators see the number; what they make of it is secret again.
final class SecretNumber {
    /// `.int` or `.double`; for comparisons, whose results give nothing away as text.
    let plain: JinjaValue
    let tracker: SecretTracker

    init(_ plain: JinjaValue, tracker: SecretTracker) {
        self.plain = plain
        self.tracker = tracker
    }

    /// The number, for making other values from it.
    var revealed: JinjaValue {
        tracker.wasRead = true
        return plain
    }

    /// As it is printed.
    var text: String {
        if case .double(let number) = plain { PythonNumber.repr(number) } else { plain.integer.map(String.init) ?? "" }
    }
}

/// `range(start, stop, step)`.
struct RangeValue: Equatable {
    let start: Int
    let stop: Int
    let step: Int

    var count: Int {
        let (distance, overflow) =
            step > 0 ? stop.subtractingReportingOverflow(start) : start.subtractingReportingOverflow(stop)
        guard !overflow else { return .max }
        return distance <= 0 ? 0 : (distance - 1) / Int(clamping: step.magnitude) + 1
    }

    subscript(index: Int) -> Int { start + index * step }

    /// The range of what a slice takes from this one.
    func slice(_ bounds: (start: Int, stop: Int, step: Int)) throws -> RangeValue {
        func product(_ a: Int, _ b: Int) throws -> Int {
            let (value, overflow) = a.multipliedReportingOverflow(by: b)
            if overflow { throw PythonNumber.overflow }
            return value
        }
        func place(_ index: Int) throws -> Int {
            let (value, overflow) = start.addingReportingOverflow(try product(index, step))
            if overflow { throw PythonNumber.overflow }
            return value
        }
        return RangeValue(start: try place(bounds.start), stop: try place(bounds.stop), step: try product(bounds.step, step))
    }
}

/// Something that can be called.
final class Callable {
    let name: String
    let typeName: String
    let call: (Arguments, Frame) throws -> JinjaValue
    /// Set for macros, whose attributes templates may read.
    let macro: MacroObject?

    init(
        _ name: String, typeName: String = "builtin_function_or_method", macro: MacroObject? = nil,
        call: @escaping (Arguments, Frame) throws -> JinjaValue
    ) {
        self.name = name
        self.typeName = typeName
        self.macro = macro
        self.call = call
    }
}

extension JinjaValue {
    static func list(_ items: [JinjaValue]) -> JinjaValue { .list(ListObject(items)) }
    static func tuple(_ items: [JinjaValue]) -> JinjaValue { .tuple(ListObject(items)) }

    /// What Python calls the type.
    var typeName: String {
        switch self {
        case .undefined: "Undefined"
        case .null: "NoneType"
        case .bool: "bool"
        case .int: "int"
        case .double: "float"
        case .string, .secret: "str"
        case .secretNumber(let number): number.plain.typeName
        case .markup: "Markup"
        case .list: "list"
        case .tuple: "tuple"
        case .map: "dict"
        case .namespace: "Namespace"
        case .range: "range"
        case .callable(let callable): callable.typeName
        case .object(let object): object.typeName
        }
    }

    /// What kind of value this is, in the words of error messages.
    var kindName: String {
        switch self {
        case .undefined: "an undefined value"
        case .null: "none"
        case .bool: "a boolean"
        case .int: "an integer"
        case .double: "a number"
        case .string, .markup: "a string"
        case .secret, .secretNumber: "a secret"
        case .list: "a list"
        case .tuple: "a tuple"
        case .map: "a mapping"
        case .namespace: "a namespace"
        case .range: "a range"
        case .callable: "a function"
        case .object(let object): "a \(object.typeName)"
        }
    }

    /// The text of a string of any kind, or nil; reading a secret is noted.
    var text: String? {
        switch self {
        case .string(let text), .markup(let text): text
        case .secret(let secret): secret.revealed
        default: nil
        }
    }

    /// The text of a string of any kind for comparing, or nil; reading a secret is not noted.
    var comparableText: String? {
        switch self {
        case .string(let text), .markup(let text): text
        case .secret(let secret): secret.plain
        default: nil
        }
    }

    /// The number if Python counts the value as an integer, as it does with booleans; reading a secret is noted.
    var integer: Int? {
        switch self {
        case .int(let number): number
        case .bool(let flag): flag ? 1 : 0
        case .secretNumber(let number): number.revealed.integer
        default: nil
        }
    }

    /// A number of any kind, or nil; reading a secret is noted.
    var number: Double? {
        switch self {
        case .double(let number): number
        case .secretNumber(let number): number.revealed.number
        default: integer.map(Double.init)
        }
    }

    /// A number as it is compared: reading a secret is not noted.
    var comparable: JinjaValue {
        if case .secretNumber(let number) = self { number.plain } else { self }
    }

    var isUndefined: Bool { if case .undefined = self { true } else { false } }
    var isString: Bool { if case .string = self { true } else { false } }
    var isNull: Bool { if case .null = self { true } else { false } }
    var isText: Bool {
        switch self {
        case .string, .secret, .markup: true
        default: false
        }
    }

    /// A text made from this one: Markup if this is.
    func withText(_ text: String) -> JinjaValue { if case .markup = self { .markup(text) } else { .string(text) } }

    /// A range as the list of its numbers, as which Ansible passes it on.
    var asList: JinjaValue {
        guard case .range(let range) = self, range.count <= Limits.maximumRepetition else { return self }
        return .list((0..<range.count).map { .int(range[$0]) })
    }
}
