import OpsCore

extension Methods {
    /// A method that makes a new text; of Markup it gives Markup.
    private static func text(
        _ name: String, _ signature: String = "", _ body: @escaping @Sendable (String, Call) throws -> String
    ) -> FunctionDefinition {
        FunctionDefinition(name, signature) { call in
            let result = try body(try call.subjectText(), call)
            try call.frame.state.checkSize(result.utf8.count)
            if case .markup = call.subject { return .markup(result) }
            return .string(result)
        }
    }

    static let stringMethods: [FunctionDefinition] = [
        text("upper") { text, _ in text.uppercased() },
        text("lower") { text, _ in PythonText.lower(text) },
        text("casefold") { text, _ in PythonText.caseFold(text) },
        text("capitalize") { text, _ in PythonText.capitalize(text) },
        text("title") { text, _ in PythonText.title(text) },
        text("swapcase") { text, _ in PythonText.swapCase(text) },
        text("strip", "chars? /") { text, call in PythonText.strip(text, try characters(call)) },
        text("lstrip", "chars? /") { text, call in PythonText.strip(text, try characters(call), right: false) },
        text("rstrip", "chars? /") { text, call in PythonText.strip(text, try characters(call), left: false) },
        text("replace", "old new count? /") { text, call in
            try call.replaced(text, try call.string(0), try call.escapedString(1), limit: try call.int(2, default: -1))
        },
        text("removeprefix", "prefix /") { text, call in
            let prefix = try call.string(0)
            return PythonText.hasPrefix(text, prefix)
                ? String(decoding: text.utf8.dropFirst(prefix.utf8.count), as: UTF8.self) : text
        },
        text("removesuffix", "suffix /") { text, call in
            let suffix = try call.string(0)
            guard !suffix.isEmpty, PythonText.hasSuffix(text, suffix) else { return text }
            return String(decoding: text.utf8.dropLast(suffix.utf8.count), as: UTF8.self)
        },
        text("center", "width fillchar? /") { text, call in
            try pad(text, call) { ($0 / 2 + ($0 & $1 & 1), $0 - $0 / 2 - ($0 & $1 & 1)) }
        },
        text("ljust", "width fillchar? /") { text, call in try pad(text, call) { missing, _ in (0, missing) } },
        text("rjust", "width fillchar? /") { text, call in try pad(text, call) { missing, _ in (missing, 0) } },
        text("zfill", "width /") { text, call in
            let width = try call.width(0)
            let missing = width - text.scalarCount
            guard missing > 0 else { return text }
            let zeros = String(repeating: "0", count: missing)
            guard let sign = text.unicodeScalars.first, sign == "-" || sign == "+" else { return zeros + text }
            return String(sign) + zeros + String(text.unicodeScalars.dropFirst())
        },
        text("expandtabs", "tabsize?") { text, call in PythonText.expandTabs(text, try call.int(0, default: 8)) },
        text("format", "*rest **options") { text, call in
            guard case .markup = call.subject else {
                return try BraceFormat.format(text, positional: call.rest, keyword: call.bound.options, call.frame)
            }
            let options = try call.bound.options.map { (name: $0.name, value: try $0.value.escapedTexts()) }
            return try BraceFormat.format(
                text, positional: try call.rest.map { try $0.escapedTexts() }, keyword: options, call.frame)
        },
        text("format_map", "mapping /") { text, call in
            guard case .map(let map) = try call.argument(0) else { throw call.fail("needs a mapping") }
            let options = try map.items().map { (name: $0.key.value.text ?? "", value: $0.value) }
            return try BraceFormat.format(text, positional: [], keyword: options, call.frame)
        },
        text("join", "values /") { separator, call in
            let isMarkup: Bool = if case .markup = call.subject { true } else { false }
            var pieces: [String] = []
            for value in try call.frame.iterate(call.argument(0)) {
                guard let piece = value.text else {
                    throw call.fail("every item must be a string, found \(value.kindName)")
                }
                pieces.append(isMarkup ? try FunctionTable.escapedText(value) : piece)
            }
            return try call.joined(pieces, separator: separator)
        },
        FunctionDefinition("encode", "encoding? errors?") { call in .string(try call.subjectText()) },
        text("translate", "table /") { text, call in
            guard case .map(let table) = try call.argument(0) else { throw call.fail("needs a mapping") }
            return try text.unicodeScalars.map { scalar in
                guard let value = try table.value(.int(Int(scalar.value))) else { return String(scalar) }
                if let code = value.integer { return Unicode.Scalar(UInt32(clamping: code)).map { String($0) } ?? "" }
                return value.text ?? ""
            }.joined()
        },
    ]

    static let markupMethods: [FunctionDefinition] = [
        FunctionDefinition("striptags") { call in .string(HTML.stripTags(try call.subjectText())) },
        FunctionDefinition("unescape") { call in .string(HTML.unescape(try call.subjectText())) },
    ]

    /// The characters to strip; nil for white space.
    private static func characters(_ call: Call) throws -> Set<Unicode.Scalar>? {
        guard call.given(0) != nil else { return nil }
        return Set(try call.string(0).unicodeScalars)
    }

    /// - Parameter split: how many fill characters go left and right, given the missing number and the width.
    private static func pad(_ text: String, _ call: Call, _ split: (Int, Int) -> (Int, Int)) throws -> String {
        let width = try call.width(0)
        let fill = try call[1] == nil ? " " : call.escapedString(1)
        guard fill.unicodeScalars.count == 1 else { throw call.fail("the fill character must be one character") }
        let missing = width - text.scalarCount
        guard missing > 0 else { return text }
        let (left, right) = split(missing, width)
        return String(repeating: fill, count: left) + text + String(repeating: fill, count: right)
    }

    static let numberMethods: [FunctionDefinition] = [
        FunctionDefinition("is_integer") { call in
            guard case .double(let number) = call.subject else { return .bool(true) }
            return .bool(number == number.rounded())
        },
        FunctionDefinition("bit_length") { call in
            guard let number = call.subject.integer else { throw call.fail("needs an integer") }
            return .int(Int.bitWidth - number.magnitude.leadingZeroBitCount)
        },
        FunctionDefinition("conjugate") { call in call.subject },
        bitwise("__and__") { $0 & $1 }, bitwise("__or__") { $0 | $1 }, bitwise("__xor__") { $0 ^ $1 },
        bitwise("__lshift__") { $0 << $1 }, bitwise("__rshift__") { $0 >> $1 },
    ]

    /// Ansible allows the bit operators by their Python names.
    private static func bitwise(_ name: String, _ body: @escaping @Sendable (Int, Int) -> Int) -> FunctionDefinition {
        FunctionDefinition(name, "other") { call in
            guard let number = call.subject.integer else { throw call.fail("needs an integer") }
            let other = try call.int(0)
            if name == "__lshift__", body(body(number, other), -other) != number || !(0..<64).contains(other) {
                throw PythonNumber.overflow
            }
            return .int(body(number, other))
        }
    }
}

extension Call {
    /// A width that text is padded to.
    func width(_ index: Int) throws -> Int {
        let width = try int(index)
        guard width <= Limits.maximumRepetition else {
            throw Limits.exceeded("the width is too large", Limits.maximumRepetition)
        }
        return width
    }

    /// A string that is put into the subject: escaped if that is Markup and it is not.
    fileprivate func escapedString(_ index: Int) throws -> String {
        let text = try string(index)
        guard case .markup = subject, let value = bound[index] else { return text }
        return try FunctionTable.escapedText(value)
    }

    /// Replaces, after checking that the result is not too large.
    func replaced(_ text: String, _ old: String, _ new: String, limit: Int) throws -> String {
        if new.utf8.count > old.utf8.count, new.utf8.count > 64 {
            let matches = old.isEmpty ? text.scalarCount + 1 : text.splitText(old, limit: limit).count - 1
            let size = matches.multipliedReportingOverflow(by: new.utf8.count)
            try frame.state.checkSize(size.overflow ? .max : size.partialValue)
        }
        return text.replacingText(old, with: new, limit: limit)
    }

    /// Joins, after checking that the result is not too large.
    func joined(_ pieces: [String], separator: String) throws -> String {
        let size = pieces.reduce(0) { $0 + $1.utf8.count } + separator.utf8.count * max(0, pieces.count - 1)
        try frame.state.checkSize(size)
        return pieces.joined(separator: separator)
    }
}
