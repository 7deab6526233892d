import OpsCore

/// Reads the fields of a mapping by name, and reports what is wrong with it: all of it, not just the first.
///
/// Ask for every field, then call `finish`: keys that were never asked for are unknown and get the nearest
/// known name as a hint.
public struct MappingReader {
    /// What the mapping describes, such as `play`; used in messages.
    public let subject: String
    public let node: YAMLNode
    public private(set) var diagnostics = DiagnosticCollector()
    private var known: [String] = []
    private var index: [String: Int] = [:]

    /// A node that is no mapping is reported; then every field is absent.
    public init(_ node: YAMLNode, subject: String) {
        self.node = node
        self.subject = subject
        guard let entries = node.mapping else {
            if !node.isNull { mismatch(node, subject, "mapping") }
            return
        }
        for (position, entry) in entries.enumerated() {
            guard let name = entry.key.string else {
                diagnostics.add(
                    Diagnostic(
                        code: "key-type", "a key of \(subject) must be a text, not \(entry.key.kindName)",
                        at: entry.key.location, hints: ["quote it"]))
                continue
            }
            index[name] = position
        }
    }

    /// All keys and values as they were written.
    public var entries: [YAMLNode.Entry] { node.mapping ?? [] }

    /// The field's value; nil if it is absent. A field given without a value is there, and null.
    public mutating func node(_ name: String) -> YAMLNode? {
        known.append(name)
        return index[name].map { entries[$0].value }
    }

    /// The place of the field's key.
    public func keyLocation(_ name: String) -> SourceLocation? { index[name].map { entries[$0].key.location } }

    /// A text; numbers are taken as they would print.
    public mutating func string(_ name: String) -> String? {
        guard let node = present(name) else { return nil }
        switch node.scalar {
        case .string(let text)?: return text
        case .int(let number)?: return String(number)
        case .double(let number)?: return String(number)
        default: return mismatch(node, name, "string")
        }
    }

    public mutating func bool(_ name: String) -> Bool? {
        guard let node = present(name) else { return nil }
        return node.scalar?.bool ?? mismatch(node, name, "boolean")
    }

    public mutating func int(_ name: String, in range: ClosedRange<Int> = .min ... .max) -> Int? {
        guard let node = present(name) else { return nil }
        guard let number = node.scalar?.int else { return mismatch(node, name, "integer") }
        guard range.contains(number) else {
            add(
                node, "out-of-range", "'\(name)' must be from \(range.lowerBound) to \(range.upperBound), not \(number)"
            )
            return nil
        }
        return number
    }

    /// A duration such as `30s`; a bare number is seconds.
    public mutating func duration(_ name: String) -> Duration? {
        guard let node = present(name) else { return nil }
        let text: String? =
            switch node.scalar {
            case .string(let text)?: text
            case .int(let number)?: String(number)
            case .double(let number)?: String(number)
            default: nil
            }
        guard let text, let duration = Duration(parsing: text) else {
            return mismatch(node, name, "duration such as 30s or 5m")
        }
        return duration
    }

    /// One of a few words.
    public mutating func choice<T: RawRepresentable & CaseIterable>(_ name: String, as type: T.Type = T.self) -> T?
    where T.RawValue == String {
        guard let node = present(name) else { return nil }
        let words = T.allCases.map(\.rawValue)
        guard let text = node.string else { return mismatch(node, name, "string") }
        if let value = T(rawValue: text) { return value }
        let hints = NearestName.hints(for: text, in: words)
        add(
            node, "unknown-value", "'\(text)' is no value of '\(name)'",
            hints: hints.isEmpty ? ["one of: \(words.joined(separator: ", "))"] : hints)
        return nil
    }

    /// Items of a list; a single value counts as a list of one.
    public mutating func list(_ name: String) -> [YAMLNode]? {
        guard let node = present(name) else { return nil }
        return node.sequence ?? [node]
    }

    /// A list of texts; one text may hold several, separated by commas.
    public mutating func strings(_ name: String) -> [String]? {
        guard let nodes = list(name) else { return nil }
        return nodes.flatMap { node -> [String] in
            switch node.scalar {
            case .string(let text)?:
                return text.split(separator: ",").map { $0.trimmingSpaces() }.filter { !$0.isEmpty }
            case .int(let number)?: return [String(number)]
            default:
                mismatch(node, name, "string")
                return []
            }
        }
    }

    /// Keys that have been neither asked for nor named here are reported.
    public mutating func finish(alsoKnown: some Sequence<String> = []) {
        known += alsoKnown
        for entry in unknownEntries {
            guard let name = entry.key.string else { continue }
            diagnostics.add(
                Diagnostic(
                    code: "unknown-key", "unknown key '\(name)' in \(subject)", at: entry.key.location,
                    hints: NearestName.hints(for: name, in: known)))
        }
    }

    /// Names that were asked for so far.
    public var knownNames: [String] { known }

    /// Entries that were not asked for so far.
    public var unknownEntries: [YAMLNode.Entry] {
        let names = Set(known)
        return entries.filter { $0.key.string.map { !names.contains($0) } ?? false }
    }

    /// Reports something about a field.
    public mutating func add(_ node: YAMLNode, _ code: String, _ message: String, hints: [String] = []) {
        diagnostics.add(Diagnostic(code: code, message, at: node.location, hints: hints))
    }

    /// Takes over what another reader found.
    public mutating func add(contentsOf more: DiagnosticCollector) { diagnostics.add(contentsOf: more.diagnostics) }

    private mutating func present(_ name: String) -> YAMLNode? {
        guard let node = node(name), !node.isNull else { return nil }
        return node
    }

    @discardableResult
    private mutating func mismatch<T>(_ node: YAMLNode, _ name: String, _ wanted: String) -> T? {
        add(node, "wrong-type", "'\(name)' must be a \(wanted), not a \(node.kindName)")
        return nil
    }

    private mutating func mismatch(_ node: YAMLNode, _ name: String, _ wanted: String) {
        let _: Int? = mismatch(node, name, wanted)
    }
}

extension Substring {
    fileprivate func trimmingSpaces() -> String {
        var rest = drop { $0.isWhitespace }
        while rest.last?.isWhitespace == true { rest.removeLast() }
        return String(rest)
    }
}
