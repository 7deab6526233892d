import OpsCore

/// Collects what a template or a captured part of it outputs.
struct Output {
    private(set) var text = ""
    private(set) var isSecret = false
    /// The only thing output so far; kept as it is where values keep their types.
    private var only: JinjaValue?
    private var isEmpty = true
    private let keepsTypes: Bool
    private let limit: Int
    private let noteSecret: (@Sendable (Value) -> Void)?

    /// - Parameter keepsTypes: whether a single value stays what it is instead of becoming text.
    init(_ state: RenderState, keepsTypes: Bool) {
        self.keepsTypes = keepsTypes
        limit = state.limits.outputSize
        noteSecret = state.environment.noteSecret
    }

    mutating func append(_ more: String) throws {
        if keepsTypes, try keep(.string(more)) { return }
        text.append(more)
        try checkSize()
    }

    @inline(__always)
    private func checkSize() throws {
        if text.utf8.count > limit { throw Limits.exceeded("the output is too large, in bytes", limit) }
    }

    /// Appends what `{{ value }}` prints.
    mutating func append(_ value: JinjaValue, _ frame: Frame) throws {
        if case .string(let string) = value, !keepsTypes, !frame.autoescape {
            text.append(string)
            return try checkSize()
        }
        if case .null = value, frame.environment.dialect == .ansible { return }
        if keepsTypes, try keep(value) { return }
        try write(value, frame)
    }

    /// Keeps the first value as it is; the second turns both into text. Whether `value` was kept.
    private mutating func keep(_ value: JinjaValue) throws -> Bool {
        if isEmpty {
            isEmpty = false
            only = value
            return true
        }
        if let first = only {
            only = nil
            try write(first, nil)
        }
        return false
    }

    private mutating func write(_ value: JinjaValue, _ frame: Frame?) throws {
        switch value {
        case .string(let string): text.append(frame?.autoescape == true ? HTML.escape(string) : string)
        case .markup(let string): text.append(string)
        case .secret(let secret):
            isSecret = true
            noteSecret?(.secret(Secret(secret.plain)))
            text.append(frame?.autoescape == true ? HTML.escape(secret.plain) : secret.plain)
        case .int(let number): text.append(number.description)
        case .undefined(let undefined):
            if !undefined.isSilent { throw undefined.diagnostic }
        default:
            let printed = try PrintedText(value, listsTuples: frame.map { $0.environment.dialect == .ansible } ?? true)
            if printed.isSecret {
                isSecret = true
                if let noteSecret, let whole = try? value.value() { noteSecret(whole) }
            }
            text.append(frame?.autoescape == true ? HTML.escape(printed.text) : printed.text)
        }
        try checkSize()
    }

    /// Whether it is one value that kept its type.
    var isSingleValue: Bool { only != nil }

    /// What was output: the single value where types are kept, or else the text.
    mutating func value(_ frame: Frame) throws -> JinjaValue {
        if let only { return only }
        if keepsTypes, isEmpty { return .null }
        try frame.state.chargeCapture(text.utf8.count)
        if isSecret { return .secret(SecretText(text, tracker: frame.tracker)) }
        return frame.autoescape ? .markup(text) : .string(text)
    }
}
