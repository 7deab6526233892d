import OpsCore

/// Where a template finds its variables.
///
/// A scope is asked only for what the template uses, and once for each name in a rendering.
public protocol TemplateScope {
    /// The variable's value; nil if there is none of that name.
    func value(of name: String) throws -> Value?

    /// A variable that can't be built as a whole: a mapping too large for that, such as `hostvars`, or one of which
    /// some part is undefined. Asked after `value(of:)`.
    func lazyMember(of name: String) throws -> LazyMember?

    /// All names, to find the nearest to one that is misspelt. Called only for errors.
    var names: [String] { get }
}

extension TemplateScope {
    public func lazyMember(of name: String) throws -> LazyMember? { nil }
}

/// A mapping whose values are made when they are asked for.
public protocol LazyMap {
    /// The keys in order.
    var keys: [String] { get }
    /// The value under a key; nil if there is none.
    func member(_ key: String) throws -> LazyMember?
}

/// What a `LazyMap` holds, or a variable that is made of parts.
public enum LazyMember {
    case value(Value)
    case map(any LazyMap)
    case list([LazyMember])
    /// There, but made of something that is not: an error once it is used.
    case undefined(Diagnostic)
}

/// A scope over a dictionary.
public struct VariableScope: TemplateScope, Sendable {
    public var variables: [String: Value]

    public init(_ variables: [String: Value] = [:]) { self.variables = variables }

    public func value(of name: String) -> Value? { variables[name] }
    public var names: [String] { Array(variables.keys) }
}
