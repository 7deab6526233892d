import OpsCore

extension FunctionTable {
    static let commentFilters: [FunctionDefinition] = [
        FunctionDefinition("comment", "style? **options") { call in
            let style = try call.string(0, default: "plain")
            guard var settings = styles[style] else {
                throw call.fail(
                    "invalid style '\(style)'",
                    hints: ["available styles: \(styles.keys.sorted().joined(separator: ", "))"])
            }
            var counts = ["prefix_count": 1, "postfix_count": 1]
            let decoration = call.option("decoration")?.text ?? settings["decoration"] ?? ""
            let trimmed = PythonText.strip(decoration, left: false)
            settings.merge(["newline": "\n", "beginning": "", "prefix": trimmed, "postfix": trimmed, "end": ""]) {
                old, _ in old
            }
            for (name, value) in call.bound.options {
                if let count = value.integer, counts[name] != nil {
                    counts[name] = min(max(count, 0), 1000)
                } else {
                    settings[name] = try value.printed()
                }
            }
            let result = commented(try call.subjectText(), settings, counts)
            try call.frame.state.checkSize(result.utf8.count)
            return .string(result)
        },
    ]

    private static let styles: [String: [String: String]] = [
        "plain": ["decoration": "# "], "erlang": ["decoration": "% "], "c": ["decoration": "// "],
        "cblock": ["beginning": "/*", "decoration": " * ", "end": " */"],
        "xml": ["beginning": "<!--", "decoration": " - ", "end": "-->"]
    ]

    private static func commented(_ text: String, _ settings: [String: String], _ counts: [String: Int]) -> String {
        func setting(_ name: String) -> String { settings[name] ?? "" }
        let (newline, decoration) = (setting("newline"), setting("decoration"))
        let beginning = setting("beginning").isEmpty ? "" : setting("beginning") + newline
        let prefixLine = setting("prefix") == newline ? newline : setting("prefix") + newline
        let prefix = setting("prefix").isEmpty ? "" : String(repeating: prefixLine, count: counts["prefix_count"] ?? 1)
        let body = (decoration + text.replacingText(newline, with: newline + decoration))
            .replacingText(decoration + newline, with: PythonText.strip(decoration, left: false) + newline)
        let postfix = String(repeating: newline + setting("postfix"), count: counts["postfix_count"] ?? 1)
        let end = setting("end").isEmpty ? "" : newline + setting("end")
        return beginning + prefix + body + postfix + end
    }
}
