import OpsCore

/// A text as Python's `configparser` reads it: sections of `key = value`, with `%(key)s` in values.
struct ConfigText {
    struct Options {
        var keepsCase = false
        var allowsNoValue = false
        var interpolates = true
    }

    private static let defaultSection = "DEFAULT"
    private static let deepest = 10

    /// Keys and values in order, by section; nil for a key without a value.
    private var sections: [String: [(key: String, value: String?)]] = [:]
    private let options: Options

    /// - Throws: a `Diagnostic` with the line of `file` that is no section, key or value.
    init(_ text: String, file: String, options: Options) throws(Diagnostic) {
        self.options = options
        var section: String?
        var keyIndent = 0
        for (index, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated() {
            let location = SourceLocation(file: file, line: index + 1)
            let trimmed = line.trimmed
            if trimmed.isEmpty || trimmed.hasPrefix("#") || trimmed.hasPrefix(";") { continue }
            let indent = line.prefix { $0.isWhitespace }.count
            if let section, indent > keyIndent, let last = sections[section]?.indices.last {
                // A deeper line goes on with the value above.
                let value = sections[section]?[last].value
                sections[section]?[last].value = value.map { $0.isEmpty ? trimmed : $0 + "\n" + trimmed } ?? trimmed
                continue
            }
            if trimmed.hasPrefix("["), let close = trimmed.firstIndex(of: "]") {
                let name = String(trimmed[..<close].dropFirst())
                section = name
                if sections[name] == nil { sections[name] = [] }
                keyIndent = indent
                continue
            }
            guard let section else { throw Diagnostic(code: "ini", "a line before the first section", at: location) }
            keyIndent = indent
            try add(trimmed, to: section, at: location)
        }
    }

    private mutating func add(_ line: String, to section: String, at location: SourceLocation) throws(Diagnostic) {
        let parts = line.split(maxSplits: 1, omittingEmptySubsequences: false) { $0 == "=" || $0 == ":" }
        guard parts.count == 2 || options.allowsNoValue, let first = parts.first, !first.trimmed.isEmpty else {
            throw Diagnostic(code: "ini", "'\(line.prefix(60))' is no 'key = value'", at: location)
        }
        let key = options.keepsCase ? first.trimmed : first.trimmed.lowercased()
        guard sections[section]?.contains(where: { $0.key == key }) != true else {
            throw Diagnostic(code: "ini", "the key '\(key)' stands twice in [\(section)]", at: location)
        }
        sections[section, default: []].append((key, parts.count == 2 ? parts[1].trimmed : nil))
    }

    /// Keys and values of a section, those of `[DEFAULT]` among them; nil if there is no such section.
    func entries(of section: String) throws(Diagnostic) -> [(key: String, value: String)]? {
        guard let own = own(section) else { return nil }
        var result: [(key: String, value: String)] = []
        for entry in own { result.append((entry.key, try interpolated(entry.value ?? "", section, 0))) }
        return result
    }

    /// The value of a key; nil if it is not there.
    func value(_ key: String, in section: String) throws(Diagnostic) -> String? {
        let name = options.keepsCase ? key : key.lowercased()
        guard let entry = own(section)?.first(where: { $0.key == name }) else { return nil }
        return try interpolated(entry.value ?? "", section, 0)
    }

    func contains(section: String) -> Bool { own(section) != nil }

    private func own(_ section: String) -> [(key: String, value: String?)]? {
        guard let own = sections[section], section != Self.defaultSection else {
            return section == Self.defaultSection ? sections[section] ?? [] : nil
        }
        let defaults = sections[Self.defaultSection] ?? []
        return own + defaults.filter { entry in !own.contains { $0.key == entry.key } }
    }

    /// `%(key)s` is the value of another key, `%%` a percent sign; any other `%` is an error.
    private func interpolated(_ text: String, _ section: String, _ depth: Int) throws(Diagnostic) -> String {
        guard options.interpolates, text.contains("%") else { return text }
        guard depth < Self.deepest else { throw Diagnostic(code: "ini", "values of [\(section)] use each other without end") }
        var result = ""
        var rest = text[...]
        while let percent = rest.firstIndex(of: "%") {
            result += rest[..<percent]
            rest = rest[rest.index(after: percent)...]
            if rest.first == "%" {
                result += "%"
                rest = rest.dropFirst()
                continue
            }
            guard rest.first == "(", let close = rest.firstIndex(of: ")"), rest[close...].hasPrefix(")s") else {
                throw Diagnostic(
                    code: "ini", "a '%' in a value of [\(section)] begins no '%(key)s'",
                    hints: ["write '%%', or give interpolation=false"])
            }
            let key = String(rest[..<close].dropFirst())
            guard let entry = own(section)?.first(where: { $0.key == (options.keepsCase ? key : key.lowercased()) }) else {
                throw Diagnostic(code: "ini", "there is no key '\(key)' in [\(section)] for '%(\(key))s'")
            }
            result += try interpolated(entry.value ?? "", section, depth + 1)
            rest = rest[close...].dropFirst(2)
        }
        return result + rest
    }
}
