import OpsCore

/// Python's `json.dumps`.
struct JSONWriter {
    private(set) var text = ""
    /// The text of one level of indentation; nil for a single line.
    private let indentation: String?
    private let order: Order
    private let listsRanges: Bool
    private let asciiOnly: Bool
    private let itemSeparator: String
    private let keySeparator: String

    /// How the keys of mappings are ordered.
    enum Order {
        case original
        /// By their text, as Ansible has made all of them strings by then.
        case texts
        /// As Python compares them.
        case values
    }

    init(
        indent: String?, order: Order, listsRanges: Bool = false, asciiOnly: Bool = true, itemSeparator: String? = nil,
        keySeparator: String = ": "
    ) {
        indentation = indent
        self.order = order
        self.listsRanges = listsRanges
        self.asciiOnly = asciiOnly
        self.itemSeparator = itemSeparator ?? (indent == nil ? ", " : ",")
        self.keySeparator = keySeparator
    }

    /// What `to_json` and `to_nice_json` give for a call with their options.
    static func text(_ call: Call, indent: JinjaValue?, sortKeys: Bool) throws -> JinjaValue {
        var (indent, sorts, ascii) = (indent, sortKeys, true)
        var separators: (String, String)?
        for (name, value) in call.bound.options {
            switch name {
            case "indent": indent = value
            case "sort_keys": sorts = try value.isTrue()
            case "ensure_ascii": ascii = try value.isTrue()
            case "separators":
                guard let pair = value.sequence?.items, pair.count == 2, let item = pair[0].text, let key = pair[1].text
                else {
                    throw call.fail("separators must be two strings")
                }
                separators = (item, key)
            case "vault_to_text", "preprocess_unsafe", "default", "skipkeys", "allow_nan", "check_circular", "profile",
                "cls":
                break
            default: throw call.fail("has no argument '\(name)'")
            }
        }
        let indentation = try indent?.nonNull.map { value -> String in
            if let text = value.text { return text }
            guard let width = value.integer, width <= 1000 else {
                throw call.fail("the indentation must be a small number")
            }
            return String(repeating: " ", count: max(0, width))
        }
        if call.name == "to_nice_json" { separators = (",", ": ") }
        var writer = JSONWriter(
            indent: indentation, order: sorts ? .texts : .original, listsRanges: true, asciiOnly: ascii,
            itemSeparator: separators?.0, keySeparator: separators?.1 ?? ": ")
        try writer.write(call.subject)
        return call.assembled(writer.text)
    }

    mutating func write(_ value: JinjaValue, depth: Int = 0) throws {
        guard depth < Limits.maximumValueDepth else { throw Limits.tooDeep }
        switch value {
        case .null: text += "null"
        case .bool(let flag): text += flag ? "true" : "false"
        case .int(let number): text += number.description
        case .double(let number):
            text +=
                number.isNaN
                ? "NaN" : number.isInfinite ? (number < 0 ? "-Infinity" : "Infinity") : PythonNumber.repr(number)
        case .string, .markup, .secret: write(value.text ?? "")
        case .secretNumber(let number): try write(number.revealed, depth: depth)
        case .list(let list), .tuple(let list):
            try write(list.items, open: "[", close: "]", depth) { writer, item in
                try writer.write(item, depth: depth + 1)
            }
        case .map(let map): try write(map, depth)
        case .range(let range) where listsRanges:
            try WalkBudget.visit(range.count)
            try write(value.asList, depth: depth)
        case .object(let time as TimeObject): write(time.time.iso(separator: "T"))
        case .object(let date as DateObject): write(date.text)
        case .undefined(let undefined): throw undefined.diagnostic
        case .namespace, .range, .callable, .object:
            throw Diagnostic(code: "template-type", "\(value.kindName) cannot be written as JSON")
        }
    }

    private mutating func write(_ map: MapObject, _ depth: Int) throws {
        var items = try map.items().map { (key: $0.key.value, value: $0.value) }
        if order == .values { items = try Sorting.sorted(items) { $0.key } }
        var entries = try items.map { (key: try JSONWriter.key($0.key), value: $0.value) }
        if order == .texts { entries = entries.sorted { $0.key.textIsLess(than: $1.key) } }
        try write(entries, open: "{", close: "}", depth) { writer, entry in
            writer.write(entry.key)
            writer.text += writer.keySeparator
            try writer.write(entry.value, depth: depth + 1)
        }
    }

    private mutating func write<T>(
        _ items: [T], open: String, close: String, _ depth: Int, _ body: (inout JSONWriter, T) throws -> Void
    ) throws {
        try WalkBudget.visit(items.count)
        text += open
        for (index, item) in items.enumerated() {
            try WalkBudget.checkSize(text)
            if index > 0 { text += itemSeparator }
            newLine(depth + 1)
            try body(&self, item)
        }
        if !items.isEmpty { newLine(depth) }
        text += close
    }

    private mutating func newLine(_ depth: Int) {
        guard let indentation else { return }
        text += "\n" + String(repeating: indentation, count: depth)
    }

    private static func key(_ value: JinjaValue) throws -> String {
        switch value {
        case .null: return "null"
        case .bool(let flag): return flag ? "true" : "false"
        case .tuple: throw Diagnostic(code: "template-type", "a tuple cannot be a key in JSON")
        default: return try value.printed()
        }
    }

    private mutating func write(_ string: String) {
        text += "\""
        for scalar in string.unicodeScalars {
            switch scalar {
            case "\"": text += "\\\""
            case "\\": text += "\\\\"
            case "\n": text += "\\n"
            case "\r": text += "\\r"
            case "\t": text += "\\t"
            case "\u{08}": text += "\\b"
            case "\u{0C}": text += "\\f"
            default:
                if scalar.value < 0x20 || (asciiOnly && !scalar.isASCII) {
                    for unit in String(scalar).utf16 { text += JSONWriter.escape(unit) }
                } else {
                    text.unicodeScalars.append(scalar)
                }
            }
        }
        text += "\""
    }

    private static func escape(_ unit: UInt16) -> String {
        let hex = String(unit, radix: 16)
        return "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
    }
}
