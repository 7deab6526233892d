import OpsCore

/// Collects what a template or a captured part of it outputs.
struct Output: ~Copyable {
    private var bytes: ByteBuffer
    private(set) var isSecret = false
    /// The only thing output so far; kept as it is where values keep their types.
    private var only: JinjaValue?
    private var isEmpty = true
    private let keepsTypes: Bool
    private let noteSecret: (@Sendable (Value) -> Void)?

    /// - Parameters:
    ///   - keepsTypes: whether a single value stays what it is instead of becoming text.
    ///   - capacity: the bytes to make room for at once.
    init(_ state: RenderState, keepsTypes: Bool, capacity: Int = 0) {
        self.keepsTypes = keepsTypes
        noteSecret = state.environment.noteSecret
        bytes = ByteBuffer(capacity: capacity, limit: state.limits.outputSize)
    }

    var text: String { bytes.text }

    mutating func append(_ constant: ConstantText) throws {
        if keepsTypes, try keep(.string(constant.text)) { return }
        try constant.bytes.withUnsafeBufferPointer { try bytes.append($0) }
    }

    /// Appends what `{{ value }}` prints. The value is taken over, so that looking into it needs no copy.
    mutating func append(_ value: consuming JinjaValue, _ frame: Frame) throws {
        if keepsTypes || frame.autoescape { return try appendOther(value, frame) }
        guard value.isString else { return try appendOther(value, frame) }
        if case .string(let text) = consume value { try put(text) }
    }

    private mutating func appendOther(_ value: JinjaValue, _ frame: Frame) throws {
        if frame.state.isAnsible, value.isNull { return }
        if keepsTypes, try keep(value) { return }
        try write(value, frame)
    }

    @inline(__always)
    private mutating func put(_ text: String) throws {
        try text.withBytes { try bytes.append($0) }
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
        // Ansible marks what is HTML under 'autoescape', but its output isn't escaped.
        let escapes = frame.map { $0.autoescape && !$0.state.isAnsible } ?? false
        switch value {
        case .string(let text): try put(escapes ? HTML.escape(text) : text)
        case .markup(let text): try put(text)
        case .int(let number): try bytes.append(decimal: number)
        case .secret(let secret):
            isSecret = true
            noteSecret?(.secret(Secret(secret.plain)))
            try put(escapes ? HTML.escape(secret.plain) : secret.plain)
        case .undefined(let undefined):
            if !undefined.isSilent { throw undefined.diagnostic }
        default:
            let printed = try PrintedText(value, listsTuples: frame?.state.isAnsible ?? true)
            if printed.isSecret {
                isSecret = true
                if let noteSecret, let whole = try? value.value() { noteSecret(whole) }
            }
            try put(escapes ? HTML.escape(printed.text) : printed.text)
        }
    }

    /// Whether it is one value that kept its type.
    var isSingleValue: Bool { only != nil }

    /// What was output: the single value where types are kept, or else the text.
    mutating func value(_ frame: Frame) throws -> JinjaValue {
        if let only { return only }
        if keepsTypes, isEmpty { return .null }
        try frame.state.chargeCapture(bytes.count)
        if isSecret {
            let text = text
            frame.environment.noteAssembled?(text)
            return .secret(SecretText(text, tracker: frame.tracker))
        }
        return frame.autoescape ? .markup(text) : .string(text)
    }
}
