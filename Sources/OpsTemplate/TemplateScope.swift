import OpsCore

/// Where a template finds its variables.
///
/// A scope is asked only for what the template uses, and once for each name in a rendering.
public protocol TemplateScope {
    /// The variable's value; nil if there is none of that name.
    func value(of name: String) throws -> Value?

    /// A variable that is a mapping too large to build as a whole, such as `hostvars`; asked after `value(of:)`.
    func lazyMap(of name: String) -> (any LazyMap)?

    /// All names, to find the nearest to one that is misspelt. Called only for errors.
    var names: [String] { get }
}

extension TemplateScope {
    public func lazyMap(of name: String) -> (any LazyMap)? { nil }
}

/// A mapping whose values are made when they are asked for.
public protocol LazyMap {
    /// The keys in order.
    var keys: [String] { get }
    /// The value under a key; nil if there is none.
    func member(_ key: String) throws -> LazyMember?
}

/// What a `LazyMap` holds.
public enum LazyMember {
    case value(Value)
    case map(any LazyMap)
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
