/// What is wrong with something a user wrote or asked for: place, reason and next action.
///
/// Messages are lower case and without a full stop. Programs branch on `code`, never on `message`.
public struct Diagnostic: Error, Hashable, Sendable, Codable {
    public enum Severity: String, Sendable, Codable, Comparable {
        case warning, error

        public static func < (a: Severity, b: Severity) -> Bool { a == .warning && b == .error }
    }

    public var severity: Severity
    /// Stable identifier in kebab case, such as `unknown-key`.
    public var code: String
    public var message: String
    public var location: SourceLocation?
    /// What to do next; one line each.
    public var hints: [String]
    /// How the place was reached, outermost first (includes, variables), when that helps.
    public var trail: [Note]

    /// A further place that explains the first one.
    public struct Note: Hashable, Sendable, Codable {
        public var message: String
        public var location: SourceLocation?

        public init(_ message: String, at location: SourceLocation? = nil) {
            self.message = message
            self.location = location
        }
    }

    public init(
        _ severity: Severity = .error, code: String, _ message: String, at location: SourceLocation? = nil,
        hints: [String] = [], trail: [Note] = []
    ) {
        self.severity = severity
        self.code = code
        self.message = message
        self.location = location
        self.hints = hints
        self.trail = trail
    }
}

/// All the findings of one load; thrown when at least one of them is an error.
public struct DiagnosticError: Error, Sendable {
    public let diagnostics: [Diagnostic]

    public init(_ diagnostics: [Diagnostic]) { self.diagnostics = diagnostics }
    public init(_ diagnostic: Diagnostic) { diagnostics = [diagnostic] }
}

/// Collects findings, so that a loader goes on after the first and reports them all at once.
public struct DiagnosticCollector: Sendable {
    public private(set) var diagnostics: [Diagnostic] = []

    public init() {}

    public var hasErrors: Bool { diagnostics.contains { $0.severity == .error } }

    public mutating func add(_ diagnostic: Diagnostic) {
        if !diagnostics.contains(diagnostic) { diagnostics.append(diagnostic) }
    }

    public mutating func add(contentsOf more: [Diagnostic]) { more.forEach { add($0) } }

    /// Runs `body`; a `Diagnostic` or `DiagnosticError` that it throws is kept and gives nil.
    public mutating func collect<T>(_ body: () throws -> T) rethrows -> T? {
        do {
            return try body()
        } catch let error as DiagnosticError {
            add(contentsOf: error.diagnostics)
        } catch let diagnostic as Diagnostic {
            add(diagnostic)
        }
        return nil
    }

    /// Throws everything found if an error is among it.
    public func throwIfErrors() throws(DiagnosticError) {
        if hasErrors { throw DiagnosticError(diagnostics) }
    }
}
