import Foundation
import OpsCore

/// Reads ssh_config files (ssh_config(5)). Keywords that opsctl has no use for are kept and not looked at.
struct SSHConfigParser {
    /// Where relative paths of `Include` start.
    let includeDirectory: String
    let home: String
    private(set) var findings = DiagnosticCollector()

    init(includeDirectory: String, home: String) {
        self.includeDirectory = includeDirectory
        self.home = home
    }

    /// Files included in files included in files; OpenSSH's limit.
    private static let maximumDepth = 16

    /// - Parameter file: for locations.
    mutating func parse(_ text: String, file: String, depth: Int = 0) -> [SSHConfigItem] {
        var items: [SSHConfigItem] = []
        for (index, line) in text.numberedLines.enumerated() {
            let location = SourceLocation(file: file, line: index + 1)
            do throws(SSHConfigWords.UnclosedQuote) {
                var words = try SSHConfigWords.split(line)[...]
                guard let keyword = words.popFirst()?.lowercased() else { continue }
                if let item = item(keyword, Array(words), location, depth) { items.append(item) }
            } catch {
                report("a quote is not closed", SourceLocation(file: file, line: index + 1, column: error.column))
            }
        }
        return items
    }

    private mutating func item(
        _ keyword: String, _ arguments: [String], _ location: SourceLocation, _ depth: Int
    ) -> SSHConfigItem? {
        guard !arguments.isEmpty else {
            report("'\(keyword)' needs a value", location)
            return nil
        }
        switch keyword {
        case "host": return .host(arguments)
        case "match": return match(arguments, location)
        case "include": return .include(arguments.flatMap { include($0, location, depth) })
        default: return .option(SSHConfigOption(keyword: keyword, arguments: arguments, location: location))
        }
    }

    private mutating func match(_ arguments: [String], _ location: SourceLocation) -> SSHConfigItem? {
        var criteria: [SSHConfigCriterion] = []
        var rest = arguments[...]
        while let word = rest.popFirst() {
            let isNegated = word.hasPrefix("!")
            let parts = word.drop { $0 == "!" }.split(separator: "=", maxSplits: 1)
            guard let name = parts.first?.lowercased(), let kind = SSHConfigCriterion.Kind(rawValue: name) else {
                let known = SSHConfigCriterion.Kind.allCases.map(\.rawValue)
                report("unknown Match criterion '\(word)'", location, hints: NearestName.hints(for: word, in: known))
                return nil
            }
            var patterns: [String] = []
            if ![.all, .canonical, .final].contains(kind) {
                guard let list = parts.count == 2 ? String(parts[1]) : rest.popFirst() else {
                    report("Match '\(name)' needs a value", location)
                    return nil
                }
                patterns = list.split(separator: ",").map(String.init)
            }
            criteria.append(
                SSHConfigCriterion(kind: kind, isNegated: isNegated, patterns: patterns, location: location))
        }
        return .match(criteria)
    }

    private mutating func include(_ pattern: String, _ location: SourceLocation, _ depth: Int) -> [[SSHConfigItem]] {
        guard depth < SSHConfigParser.maximumDepth else {
            report("too many files included in one another", location)
            return []
        }
        var path = pattern
        if path.hasPrefix("~/") { path = home + path.dropFirst(1) }
        if !path.hasPrefix("/") { path = "\(includeDirectory)/\(path)" }
        return FileGlob.files(matching: path).compactMap { file in
            guard let data = FileManager.default.contents(atPath: file) else { return nil }
            return parse(String(decoding: data, as: UTF8.self), file: file, depth: depth + 1)
        }
    }

    private mutating func report(_ message: String, _ location: SourceLocation, hints: [String] = []) {
        findings.add(Diagnostic(code: "ssh-config", message, at: location, hints: hints))
    }
}
