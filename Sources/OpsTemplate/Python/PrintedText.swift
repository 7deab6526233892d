import OpsCore

/// What Python's `str()` and `repr()` make of a value.
struct PrintedText {
    private(set) var text = ""
    /// Whether a secret's text is in it.
    private(set) var isSecret = false
    /// Prints tuples as lists, as Ansible does with what a template outputs.
    private let listsTuples: Bool

    init(_ value: JinjaValue, listsTuples: Bool = false) throws {
        self.listsTuples = listsTuples
        try write(value, quoted: false, depth: 0)
    }

    /// Ansible makes lists of tuples where it outputs them.
    static let tupleKey = Diagnostic(code: "template-type", "a mapping whose keys are tuples cannot be output")

    init(representing value: JinjaValue) throws {
        listsTuples = false
        try write(value, quoted: true, depth: 0)
    }

    private mutating func write(_ value: JinjaValue, quoted: Bool, depth: Int) throws {
        guard depth < Limits.maximumValueDepth else { throw Limits.tooDeep }
        switch value {
        case .undefined(let undefined):
            if !undefined.isSilent { throw undefined.diagnostic }
        case .null: text += "None"
        case .bool(let flag): text += flag ? "True" : "False"
        case .int(let number): text += number.description
        case .double(let number): text += PythonNumber.repr(number)
        case .string(let string): text += quoted ? PythonLiteral.quote(string) : string
        case .markup(let string): text += quoted ? "Markup(\(PythonLiteral.quote(string)))" : string
        case .secret(let secret):
            isSecret = true
            text += quoted ? PythonLiteral.quote(secret.revealed) : secret.revealed
        case .secretNumber(let number):
            isSecret = true
            try write(number.revealed, quoted: quoted, depth: depth)
        case .list(let list): try write(list.items, "[", "]", depth)
        case .tuple(let list):
            let items = list.items
            // Those with names stay tuples in Ansible, too.
            if listsTuples, !(list is NamedTuple) {
                try write(items, "[", "]", depth)
            } else {
                try write(items, "(", items.count == 1 ? ",)" : ")", depth)
            }
        case .map(let map): try write(map, depth)
        case .namespace(let map):
            text += "<Namespace "
            try write(map, depth)
            text += ">"
        case .range(let range):
            text += "range(\(range.start), \(range.stop)" + (range.step == 1 ? ")" : ", \(range.step))")
        case .callable(let callable):
            text +=
                callable.macro == nil ? "<function \(callable.name)>" : "<Macro \(PythonLiteral.quote(callable.name))>"
        case .object(let object): text += quoted ? object.representation : object.text
        }
    }

    private mutating func write(_ items: [JinjaValue], _ open: String, _ close: String, _ depth: Int) throws {
        try WalkBudget.visit(items.count)
        text += open
        var isFirst = true
        for item in items {
            try WalkBudget.checkSize(text)
            if !isFirst { text += ", " }
            isFirst = false
            try write(item, quoted: true, depth: depth + 1)
        }
        text += close
    }

    private mutating func write(_ map: MapObject, _ depth: Int) throws {
        try WalkBudget.visit(map.count)
        text += "{"
        var isFirst = true
        for (key, value) in try map.items() {
            try WalkBudget.checkSize(text)
            if !isFirst { text += ", " }
            isFirst = false
            if listsTuples, case .tuple = key.value { throw PrintedText.tupleKey }
            try write(key.value, quoted: true, depth: depth + 1)
            text += ": "
            try write(value, quoted: true, depth: depth + 1)
        }
        text += "}"
    }
}

extension JinjaValue {
    /// `str(value)`; a secret's text in it is noted by the tracker.
    func printed() throws -> String { try text ?? PrintedText(self).text }

    /// `repr(value)`.
    func represented() throws -> String { try PrintedText(representing: self).text }
}
