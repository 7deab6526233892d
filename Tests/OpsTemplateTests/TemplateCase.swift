import Foundation
import OpsCore

@testable import OpsTemplate

/// One case of a `cases/*.jsonl` file; `Tests/judges/templates.py` says what is in it.
struct TemplateCase: Sendable {
    let file: String
    let line: Int
    let content: ValueMap

    static let directory = URL(fileURLWithPath: #filePath).deletingLastPathComponent()

    static var files: [String] {
        let names = try? FileManager.default.contentsOfDirectory(atPath: directory.appendingPathComponent("cases").path)
        return (names ?? []).filter { $0.hasSuffix(".jsonl") }.sorted()
    }

    static func load(_ file: String) throws -> [TemplateCase] {
        var defaults = ValueMap()
        var cases: [TemplateCase] = []
        for (number, content) in try lines("cases/\(file)") {
            if let found = content["defaults"]?.map {
                defaults = found
            } else {
                cases.append(TemplateCase(file: file, line: number, content: defaults.merging(content.map ?? [:]) { $1 }))
            }
        }
        return cases
    }

    static func lines(_ path: String) throws -> [(number: Int, content: Value)] {
        try parse(String(contentsOf: directory.appendingPathComponent(path), encoding: .utf8))
    }

    static func parse(_ text: String) throws -> [(number: Int, content: Value)] {
        try text.splitText("\n").enumerated().filter { !$0.element.isEmpty }.map {
            ($0.offset + 1, try JSONReader.value($0.element).value())
        }
    }

    var place: String { "\(file):\(line)" }
    private func text(_ key: String) -> String? { content[key]?.string }

    var environment: TemplateEnvironment {
        var environment = TemplateEnvironment()
        if text("judge") == "jinja" {
            environment.dialect = .jinja
            environment.syntax = .jinja
        }
        environment.syntax.keepsBackslashes = content["escape_backslashes"] == .bool(true)
        for (key, value) in content["options"]?.map ?? [:] { set(key.string ?? "", value, &environment) }
        let files = content["files"]?.map ?? [:]
        environment.loader = { name, _ in files[name]?.string.map { LoadedTemplate(text: $0, file: name) } }
        return environment
    }

    private func set(_ option: String, _ value: Value, _ environment: inout TemplateEnvironment) {
        switch option {
        case "trim_blocks": environment.syntax.trimBlocks = value == .bool(true)
        case "lstrip_blocks": environment.syntax.lstripBlocks = value == .bool(true)
        case "keep_trailing_newline": environment.syntax.trailingNewline = value == .bool(true) ? .kept : .dropped
        case "newline_sequence": environment.syntax.newlineSequence = value.string ?? "\n"
        case "autoescape": environment.autoescape = value == .bool(true)
        case "block_start_string": environment.syntax.blockStart = value.string ?? ""
        case "block_end_string": environment.syntax.blockEnd = value.string ?? ""
        case "variable_start_string": environment.syntax.variableStart = value.string ?? ""
        case "variable_end_string": environment.syntax.variableEnd = value.string ?? ""
        case "comment_start_string": environment.syntax.commentStart = value.string ?? ""
        case "comment_end_string": environment.syntax.commentEnd = value.string ?? ""
        default: break
        }
    }

    /// The case's result here.
    func evaluate() throws -> Value {
        let variables = content["vars"]?.map ?? [:]
        let scope = VariableScope(Dictionary(uniqueKeysWithValues: variables.map { ($0.key.string ?? "", $0.value) }))
        if let expression = text("expression") {
            return try Expression(expression, at: SourceLocation(file: "case"), environment: environment).evaluate(scope)
        }
        let isPlain = text("judge") != "jinja" && !environment.syntax.containsTemplate(text("template") ?? "")
        if isPlain { return .string(text("template") ?? "") }
        let template = try Template(source: text("template") ?? "", file: "case", environment: environment)
        return try text("judge") == "jinja" ? template.render(scope) : template.evaluate(scope)
    }

    /// What differs between the result here and the judge's; nil if nothing.
    func difference(from verdict: Value) -> String? {
        let subject = "\(place): \(text("expression") ?? text("template") ?? "")"
        do {
            let value = try evaluate()
            guard let expected = verdict["value"] else {
                return "\(subject)\n  is \(shown(value)), the judge refuses it: \(shown(verdict))"
            }
            return shown(value) == shown(expected) ? nil : "\(subject)\n  is       \(shown(value))\n  judge is \(shown(expected))"
        } catch {
            guard let expected = verdict["value"] else { return nil }
            return "\(subject)\n  fails: \(error)\n  judge is \(shown(expected))"
        }
    }

    private func shown(_ value: Value) -> String {
        (try? JinjaValue(withTextKeys(value), tracker: SecretTracker()).represented()) ?? "?"
    }

    /// JSON, in which the verdicts are written, knows only strings as keys.
    private func withTextKeys(_ value: Value) -> Value {
        switch value {
        case .list(let items): return .list(items.map(withTextKeys))
        case .map(let map):
            let pairs = map.map { key, value in
                (Value.string((try? JinjaValue(key, tracker: SecretTracker()).printed()) ?? ""), withTextKeys(value))
            }
            return .map(ValueMap(pairs, uniquingKeysWith: { $1 }))
        default: return value
        }
    }
}
