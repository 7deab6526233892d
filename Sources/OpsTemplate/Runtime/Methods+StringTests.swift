import OpsCore

extension Methods {
    static let stringTests: [FunctionDefinition] = [
        affix("startswith") { text, prefix in PythonText.hasPrefix(text, prefix) },
        affix("endswith") { text, suffix in PythonText.hasSuffix(text, suffix) },
        position("find", backwards: false, fails: false), position("rfind", backwards: true, fails: false),
        position("index", backwards: false, fails: true), position("rindex", backwards: true, fails: true),
        FunctionDefinition("count", "part start? stop? /") { call in
            let text = try call.slicedSubject(1).text
            let part = try call.string(0)
            return .int(part.isEmpty ? text.scalarCount + 1 : text.splitText(part).count - 1)
        },
        check("isdigit") { $0.properties.numericType == .digit || $0.properties.numericType == .decimal },
        check("isdecimal") { $0.properties.numericType == .decimal },
        check("isnumeric") { $0.properties.numericType != nil },
        check("isalpha") { PythonText.isLetter($0) },
        check("isalnum") { PythonText.isLetter($0) || $0.properties.numericType != nil },
        check("isspace") { PythonText.isSpace($0) },
        FunctionDefinition("isascii") { call in .bool(try call.subjectText().isASCIIOnly) },
        FunctionDefinition("isprintable") { call in
            .bool(try call.subjectText().unicodeScalars.allSatisfy(PythonLiteral.isPrintable))
        },
        FunctionDefinition("isupper") { call in .bool(PythonText.isUpper(try call.subjectText())) },
        FunctionDefinition("islower") { call in .bool(PythonText.isLower(try call.subjectText())) },
        FunctionDefinition("istitle") { call in
            let text = try call.subjectText()
            return .bool(
                text.unicodeScalars.contains(where: PythonText.isCased) && PythonText.title(text).sameText(as: text))
        },
        FunctionDefinition("isidentifier") { call in
            let scalars = try call.subjectText().unicodeScalars
            let starts = scalars.first.map { $0.properties.isXIDStart || $0 == "_" } ?? false
            return .bool(starts && scalars.allSatisfy { $0.properties.isXIDContinue })
        },
    ]

    private static func check(_ name: String, _ holds: @escaping @Sendable (Unicode.Scalar) -> Bool)
        -> FunctionDefinition
    {
        FunctionDefinition(name) { call in
            let scalars = try call.subjectText().unicodeScalars
            return .bool(!scalars.isEmpty && scalars.allSatisfy(holds))
        }
    }

    /// `startswith` and `endswith`, which take one text or a tuple of them.
    private static func affix(_ name: String, _ holds: @escaping @Sendable (String, String) -> Bool)
        -> FunctionDefinition
    {
        FunctionDefinition(name, "affix start? stop? /") { call in
            let text = try call.slicedSubject(1).text
            let candidates: [JinjaValue] =
                if case .tuple(let items) = call[0] { items.items } else { [try call.argument(0)] }
            return .bool(
                try candidates.contains { candidate in
                    guard let affix = candidate.text else {
                        throw call.fail("needs a string, not \(candidate.kindName)")
                    }
                    return holds(text, affix)
                })
        }
    }

    private static func position(_ name: String, backwards: Bool, fails: Bool) -> FunctionDefinition {
        FunctionDefinition(name, "part start? stop? /") { call in
            let (text, offset) = try call.slicedSubject(1)
            let (bytes, part) = (Array(text.utf8), Array(try call.string(0).utf8))
            let found = backwards
                ? TextSearch.findLast(part, in: bytes, before: bytes.count)
                : bytes.withUnsafeBufferPointer { bytes in
                    part.withUnsafeBufferPointer { TextSearch.find($0, in: bytes, from: 0) }
                }
            guard let found else {
                if fails { throw call.fail("the text is not there") }
                return .int(-1)
            }
            return .int(offset + String(decoding: bytes[..<found], as: UTF8.self).scalarCount)
        }
    }
}

extension Call {
    /// The part of the subject between the optional bounds at arguments `index` and `index + 1`, and where it starts.
    fileprivate func slicedSubject(_ index: Int) throws -> (text: String, offset: Int) {
        let text = try subjectText()
        guard given(index) != nil || given(index + 1) != nil else { return (text, 0) }
        let scalars = Array(text.unicodeScalars)
        let positions = Access.sliceIndices(scalars.count, given(index)?.integer, given(index + 1)?.integer, 1)
        var part = String.UnicodeScalarView()
        for position in positions { part.append(scalars[position]) }
        return (String(part), positions.first ?? 0)
    }
}
