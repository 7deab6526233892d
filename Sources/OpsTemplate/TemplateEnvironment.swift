import OpsCore

/// What templates are compiled and rendered with: syntax, limits, and what the program adds.
///
/// A value; make one, set what the project needs, and hand it to every `Template`.
public struct TemplateEnvironment: Sendable {
    public var syntax = TemplateSyntax()
    public var limits = Limits()
    /// Where plain Jinja2 and Ansible differ, which of them to follow.
    public var dialect = Dialect.ansible
    /// HTML-escapes what templates output. Off, as in Ansible.
    public var autoescape = false
    /// Finds the templates that `include`, `import` and `extends` name.
    public var loader: Loader?
    /// What to tell the user of a template that the loader does not find.
    public var hintsForMissing: (@Sendable (_ name: String, _ from: String) -> [String])?
    /// Values every template can use; a variable of the same name hides them.
    public var globals: [String: Value] = [:]
    /// The time that `now()` and `strftime` take, in seconds since 1970-01-01 UTC.
    public var clock: @Sendable () -> Double = SystemClock.now
    /// Reads YAML documents for `from_yaml`; the program gives its own reader.
    public var decodeYAML: (@Sendable (String) throws -> [Value])?
    /// Learns what `{{ }}` and bare expressions made from secrets: whoever masks output has to know it, as a filter
    /// may have changed every letter.
    public var noteSecret: (@Sendable (Value) -> Void)?
    /// Learns texts in which secrets stand that were noted before, as they are: the lines without one are plain, and can
    /// be told from secrets when the text comes back changed.
    public var noteAssembled: (@Sendable (String) -> Void)?
    /// bcrypt of a password, a salt of 16 bytes and a cost from 4 to 31, for `password_hash('bcrypt')`; 23 bytes.
    public var bcrypt: (@Sendable (_ password: [UInt8], _ salt: [UInt8], _ cost: Int) -> [UInt8])?
    /// `lookup('name', …)` by name.
    public private(set) var lookups: [String: Lookup] = [:]
    private(set) var filters = FunctionTable.filters
    private(set) var tests = FunctionTable.tests
    private(set) var functions = FunctionTable.globals

    public init() {}

    public enum Dialect: Sendable {
        /// `none` prints as nothing, tuples print as lists, what a macro returns keeps its type, and
        /// attributes of undefined values are undefined.
        case ansible
        /// As Jinja2 with `StrictUndefined`.
        case jinja
    }

    /// Gives the source of a template by name; nil if there is none. `from` is the file of the template
    /// that asks.
    public typealias Loader = @Sendable (_ name: String, _ from: String) throws -> LoadedTemplate?

    /// A filter or function of the program: subject (filters only) and arguments in, result out.
    public typealias Function = @Sendable (FunctionCall) throws -> Value

    /// A lookup: its terms and options in, a list of results out.
    public typealias Lookup = @Sendable (FunctionCall) throws -> [Value]

    /// Adds or replaces a filter.
    public mutating func addFilter(_ name: String, _ function: @escaping Function) {
        filters[name] = FunctionDefinition(name, "*rest **options") { call in
            JinjaValue(try function(try FunctionCall(call, includesSubject: true)), tracker: call.frame.tracker)
        }
    }

    /// Adds or replaces a test (`is name`).
    public mutating func addTest(_ name: String, _ function: @escaping @Sendable (FunctionCall) throws -> Bool) {
        tests[name] = FunctionDefinition(name, "*rest **options") { call in
            .bool(try function(try FunctionCall(call, includesSubject: true)))
        }
    }

    /// Adds or replaces a global function.
    public mutating func addFunction(_ name: String, _ function: @escaping Function) {
        functions[name] = FunctionDefinition(name, "*rest **options") { call in
            JinjaValue(try function(try FunctionCall(call, includesSubject: false)), tracker: call.frame.tracker)
        }
    }

    /// Adds or replaces a lookup for `lookup()`, `query()` and `q()`.
    public mutating func addLookup(_ name: String, _ lookup: @escaping Lookup) { lookups[name] = lookup }

    var globalNames: [String] { Array(globals.keys) + Array(functions.keys) }

    func global(_ name: String, tracker: SecretTracker) -> JinjaValue? {
        if let value = globals[name] { return JinjaValue(value, tracker: tracker) }
        guard let function = functions[name] else { return nil }
        return .callable(Callable(name) { try function.call(.null, $0, $1) })
    }
}

/// The source of a template that a loader found.
public struct LoadedTemplate: Sendable {
    public var text: String
    /// Its path, for messages and for what it includes itself.
    public var file: String

    public init(text: String, file: String) {
        self.text = text
        self.file = file
    }
}

/// One call of a filter, test, function or lookup that the program added.
public struct FunctionCall {
    /// The positional arguments; a filter's or test's subject is the first.
    public let arguments: [Value]
    public let options: [String: Value]
    /// The scope of the rendering, for functions that look at variables.
    public let scope: any TemplateScope
    public let environment: TemplateEnvironment
    /// The file of the template that calls.
    public let file: String

    init(_ call: Call, includesSubject: Bool) throws {
        let positional = (includesSubject ? [call.subject] : []) + call.rest
        arguments = try positional.map { try $0.value() }
        options = Dictionary(try call.bound.options.map { ($0.name, try $0.value.value()) }, uniquingKeysWith: { $1 })
        scope = call.frame.state.scope
        environment = call.frame.environment
        file = call.frame.instance.template.source.origin.start.file
    }
}
