import OpsCore

extension Methods {
    static let stringSplitting: [FunctionDefinition] = [
        FunctionDefinition("split", "sep? maxsplit?") { call in
            .list(
                try call.split(try call.subjectText(), call.given(0), try call.int(1, default: -1)).map { .string($0) })
        },
        FunctionDefinition("rsplit", "sep? maxsplit?") { call in
            let (text, limit) = (try call.subjectText(), try call.int(1, default: -1))
            guard call.given(0) != nil else {
                return .list(PythonText.splitSpaceFromRight(text, limit: limit).map { .string($0) })
            }
            let separator = try call.string(0)
            if separator.isEmpty { throw call.fail("the separator is empty") }
            var pieces = text.splitText(separator)
            if limit >= 0, pieces.count > limit + 1 {
                let rest = pieces.dropLast(limit).joined(separator: separator)
                pieces = [rest] + pieces.suffix(limit)
            }
            return .list(pieces.map { .string($0) })
        },
        FunctionDefinition("splitlines", "keepends?") { call in
            .list(PythonText.lines(try call.subjectText(), keepEnds: try call.bool(0)).map { .string($0) })
        },
        FunctionDefinition("partition", "sep") { call in
            let (text, separator) = (try call.subjectText(), try call.string(0))
            if separator.isEmpty { throw call.fail("the separator is empty") }
            let pieces = text.splitText(separator, limit: 1)
            return .tuple(
                pieces.count == 2
                    ? [.string(pieces[0]), .string(separator), .string(pieces[1])]
                    : [.string(text), .string(""), .string("")])
        },
        FunctionDefinition("rpartition", "sep") { call in
            let (text, separator) = (try call.subjectText(), try call.string(0))
            if separator.isEmpty { throw call.fail("the separator is empty") }
            let pieces = text.splitText(separator)
            guard pieces.count > 1, let last = pieces.last else {
                return .tuple([.string(""), .string(""), .string(text)])
            }
            return .tuple([.string(pieces.dropLast().joined(separator: separator)), .string(separator), .string(last)])
        },
    ]
}

extension Call {
    /// Python's `split`: at white space if no separator is given.
    func split(_ text: String, _ separator: JinjaValue?, _ limit: Int) throws -> [String] {
        guard let separator else { return PythonText.splitSpace(text, limit: limit) }
        guard let mark = separator.text else { throw fail("the separator must be a string, not \(separator.kindName)") }
        if mark.isEmpty { throw fail("the separator is empty") }
        return text.splitText(mark, limit: limit)
    }
}
