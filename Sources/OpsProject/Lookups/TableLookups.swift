import OpsCore
import OpsTemplate

/// `csvfile` and `ini`: one value from a file of many.
///
/// Options stand beside the key, as in `lookup('ini', 'user section=a file=b')`, or are given by name.
struct TableLookups: Sendable {
    /// The text of a file that a lookup names, found as Ansible finds it.
    let text: @Sendable (FunctionCall, String) throws -> (text: String, file: String)

    private static let csvOptions: [String: Value] = [
        "file": "ansible.csv", "delimiter": "TAB", "col": 1, "keycol": 0, "default": .null, "encoding": "utf-8",
    ]
    private static let iniOptions: [String: Value] = [
        "file": "ansible.ini", "type": "ini", "section": "global", "re": false, "default": "", "encoding": "utf-8",
        "case_sensitive": false, "allow_no_value": false, "allow_none": false, "interpolation": true,
    ]

    // MARK: csvfile

    func csvfile(_ call: FunctionCall, _ term: String) throws -> [Value] {
        let (key, options) = try Self.options(call, term, Self.csvOptions)
        let name = options["delimiter"]?.string ?? "TAB"
        guard let delimiter = name == "TAB" || name == "\\t" ? "\t" : name.first, name == "TAB" || name == "\\t" || name.count == 1 else {
            throw Diagnostic(code: "lookup", "the delimiter must be one character, not '\(name)'")
        }
        let column = try Self.number(options, "col")
        let keyColumn = try Self.number(options, "keycol")
        let found = try text(call, options["file"]?.string ?? "")
        for row in DelimitedText.rows(found.text, delimiter: delimiter) where !row.isEmpty {
            guard row.indices.contains(keyColumn) else { throw Self.noColumn(keyColumn, found.file) }
            guard row[keyColumn] == key else { continue }
            guard row.indices.contains(column) else { throw Self.noColumn(column, found.file) }
            return [.string(row[column])]
        }
        let fallback = options["default"] ?? .null
        return fallback == .null ? [] : fallback.list ?? [fallback]
    }

    private static func noColumn(_ column: Int, _ file: String) -> Diagnostic {
        Diagnostic(code: "lookup", "a row of '\(file)' has no column \(column)", hints: ["columns count from 0"])
    }

    private static func number(_ options: [String: Value], _ name: String) throws(Diagnostic) -> Int {
        let value = options[name]
        guard let number = value?.int ?? value?.string.flatMap({ Int($0) }), number >= 0 else {
            throw Diagnostic(code: "lookup", "'\(name)' must be the number of a column, from 0")
        }
        return number
    }

    // MARK: ini

    func ini(_ call: FunctionCall, _ term: String) throws -> [Value] {
        let (key, options) = try Self.options(call, term, Self.iniOptions)
        let found = try text(call, options["file"]?.string ?? "")
        let isProperties = options["type"] == "properties"
        let section = isProperties ? "java_properties" : options["section"]?.string ?? "global"
        let config = try ConfigText(
            isProperties ? "[\(section)]\n" + found.text : found.text, file: found.file,
            options: .init(
                keepsCase: Self.flag(options["case_sensitive"]),
                allowsNoValue: Self.flag(options["allow_no_value"]) || Self.flag(options["allow_none"]),
                interpolates: Self.flag(options["interpolation"])))
        guard config.contains(section: section) else {
            throw Diagnostic(code: "lookup", "there is no section [\(section)] in '\(found.file)'")
        }
        if Self.flag(options["re"]) {
            let pattern = try NamePattern("~" + key)
            return try (config.entries(of: section) ?? []).filter { pattern.matches($0.key) }.map { .string($0.value) }
        }
        if let value = try config.value(key, in: section) { return [.string(value)] }
        let fallback = options["default"] ?? .null
        return fallback == .null ? [] : fallback.list ?? [fallback]
    }

    private static func flag(_ value: Value?) -> Bool {
        value?.bool ?? (value?.string.map { ["yes", "on", "1", "true", "y", "t"].contains($0.lowercased()) } ?? (value == 1))
    }

    // MARK: Options

    private static func options(
        _ call: FunctionCall, _ term: String, _ known: [String: Value]
    ) throws -> (key: String, [String: Value]) {
        var options = known
        let form = ShortForm(term) { known[$0] != nil }
        let pairs = call.options.map { ($0.key, $0.value) } + form.pairs.map { ($0.key, .string($0.value)) }
        for (name, value) in pairs {
            guard known[name] != nil else {
                throw Diagnostic(
                    code: "lookup", "this lookup has no option '\(name)'",
                    hints: NearestName.hints(for: name, in: known.keys.sorted()))
            }
            options[name] = value
        }
        let encoding = options["encoding"]?.string?.lowercased()
        guard encoding == "utf-8" || encoding == "utf8" || encoding == "ascii" else {
            throw Diagnostic(code: "lookup", "the encoding '\(encoding ?? "")' is not supported", hints: ["convert the file to UTF-8"])
        }
        let key = form.rest.trimmed
        guard !key.isEmpty else { throw Diagnostic(code: "lookup", "this lookup needs a key to look for") }
        return (key, options)
    }
}
