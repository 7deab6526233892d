import OpsCore

extension Methods {
    static let stringSplitting: [FunctionDefinition] = [
        FunctionDefinition("split", "sep? maxsplit?") { call in
            call.pieces(try call.split(try call.subjectText(), call.given(0), try call.int(1, default: -1)))
        },
        FunctionDefinition("rsplit", "sep? maxsplit?") { call in
            let (text, limit) = (try call.subjectText(), try call.int(1, default: -1))
            guard call.given(0) != nil else {
                return call.pieces(PythonText.splitSpaceFromRight(text, limit: limit))
            }
            let separator = try call.string(0)
            if separator.isEmpty { throw call.fail("the separator is empty") }
            var pieces = text.splitText(separator)
            if limit >= 0, pieces.count > limit + 1 {
                let rest = pieces.dropLast(limit).joined(separator: separator)
                pieces = [rest] + pieces.suffix(limit)
            }
            return call.pieces(pieces)
        },
        FunctionDefinition("splitlines", "keepends?") { call in
            call.pieces(PythonText.lines(try call.subjectText(), keepEnds: try call.bool(0)))
        },
        FunctionDefinition("partition", "sep /") { call in
            let (text, separator) = (try call.subjectText(), try call.string(0))
            if separator.isEmpty { throw call.fail("the separator is empty") }
            let pieces = text.splitText(separator, limit: 1)
            return call.parts(pieces.count == 2 ? [pieces[0], separator, pieces[1]] : [text, "", ""])
        },
        FunctionDefinition("rpartition", "sep /") { call in
            let (text, separator) = (try call.subjectText(), try call.string(0))
            if separator.isEmpty { throw call.fail("the separator is empty") }
            let pieces = text.splitText(separator)
            guard pieces.count > 1, let last = pieces.last else {
                return call.parts(["", "", text])
            }
            return call.parts([pieces.dropLast().joined(separator: separator), separator, last])
        },
    ]
}

extension Call {
    /// Pieces of the subject, as a list; those of Markup are Markup.
    fileprivate func pieces(_ texts: [String]) -> JinjaValue { .list(texts.map(subject.withText)) }

    /// The same as a tuple.
    fileprivate func parts(_ texts: [String]) -> JinjaValue { .tuple(texts.map(subject.withText)) }

    /// Python's `split`: at white space if no separator is given.
    func split(_ text: String, _ separator: JinjaValue?, _ limit: Int) throws -> [String] {
        guard let separator else { return PythonText.splitSpace(text, limit: limit) }
        guard let mark = separator.text else { throw fail("the separator must be a string, not \(separator.kindName)") }
        if mark.isEmpty { throw fail("the separator is empty") }
        return text.splitText(mark, limit: limit)
    }
}
