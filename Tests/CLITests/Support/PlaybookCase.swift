import Foundation
import Testing

/// A case of `playbooks/`: a project, arguments, and what Ansible's `debug` tasks showed in it (`judges/playbooks.py`).
struct PlaybookCase {
    var arguments = ["-i", "hosts", "site.yml"]
    private(set) var files: [String: String] = [:]
    private(set) var expected: [Line] = []

    /// What one step showed on one host.
    struct Line: Equatable, CustomStringConvertible {
        var host: String
        var step: String
        var shown: String

        var description: String { "\(host) | \(step) | \(shown)" }

        /// Lists and mappings are compared as values, whatever their spacing and order.
        static func == (a: Line, b: Line) -> Bool {
            a.host == b.host && a.step == b.step && (a.shown == b.shown || a.value != nil && a.value == b.value)
        }

        private var value: NSObject? {
            guard shown.hasPrefix("[") || shown.hasPrefix("{") else { return nil }
            return try? JSONSerialization.jsonObject(with: Data(shown.utf8)) as? NSObject
        }
    }

    static let directory = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().appending(path: "playbooks")
    static let names = ((try? FileManager.default.contentsOfDirectory(atPath: directory.path)) ?? [])
        .filter { $0.hasSuffix(".txt") }.sorted()

    init(_ name: String) throws {
        let text = try String(contentsOf: Self.directory.appending(path: name), encoding: .utf8)
        let sections = text.components(separatedBy: "\n== ")
        for line in sections[0].split(separator: "\n") where line.hasPrefix("args: ") { arguments = Self.words(String(line.dropFirst(6))) }
        for section in sections.dropFirst() {
            let end = try #require(section.firstIndex(of: "\n"))
            let content = section[section.index(after: end)...] + "\n"
            if section[..<end] == "expected.results" { expected = try content.split(separator: "\n").map(Self.line) } else {
                files[String(section[..<end])] = String(content)
            }
        }
    }

    /// `HOST | TASK | JSON`
    private static func line(_ text: Substring) throws -> Line {
        let parts = text.components(separatedBy: " | ")
        let json = parts.dropFirst(2).joined(separator: " | ")
        let value = try JSONSerialization.jsonObject(with: Data(json.utf8), options: .fragmentsAllowed)
        return Line(host: parts[0], step: parts[1], shown: value as? String ?? json)
    }

    /// Words of a command line; single quotes keep a word together.
    private static func words(_ text: String) -> [String] {
        let parts = text.split(separator: "'", omittingEmptySubsequences: false)
        return parts.enumerated().flatMap { index, part in
            index % 2 == 1 ? [String(part)] : part.split(separator: " ").map(String.init)
        }
    }

    /// What opsctl shows, host by host, from the events of a run.
    func actual() async throws -> [Line] {
        let scratch = try Scratch()
        for (name, text) in files {
            let isProgram = name.hasSuffix("!")
            let path = isProgram ? String(name.dropLast()) : name
            try scratch.write(text, to: path)
            if isProgram { try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: scratch.path(path)) }
        }
        let result = try await scratch.opsctl(
            ["run", playbook] + options + ["--output", "json"], environment: ["JUDGE_VARIABLE": "from the environment", "TZ": "UTC"])
        var lines: [Line] = []
        var looped: Set<String> = []
        for text in result.lines {
            guard let event = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any],
                event["event"] as? String == "stepFinished", let step = event["ref"] as? [String: Any],
                let host = step["host"] as? String, let outcome = event["outcome"] as? String, let number = step["step"] as? Int
            else { continue }
            // A loop's end repeats the outcome of its items.
            let isItem = event["item"] != nil
            if isItem { looped.insert("\(host) \(number)") }
            let isEndOfLoop = !isItem && looped.contains("\(host) \(number)")
            let name = step["name"] as? String ?? ""
            if outcome == "failed", !isItem {
                lines.append(Line(host: host, step: name, shown: "FAILED"))
            } else if step["module"] as? String == "debug", outcome == "ok", !isEndOfLoop {
                lines.append(
                    Line(
                        host: host, step: name,
                        shown: (event["stdout"] as? String ?? "").replacing(scratch.directory.path, with: "DIR")))
            }
        }
        #expect(!lines.isEmpty, "\(result)")
        return lines.enumerated().sorted { ($0.element.host, $0.offset) < ($1.element.host, $1.offset) }.map(\.element)
    }

    private var playbook: String { arguments.first { $0.hasSuffix(".yml") && !$0.hasPrefix("@") } ?? "site.yml" }
    private var options: [String] { arguments.filter { $0 != playbook } }
}
