import Foundation
import OpsCore
import OpsProject
import OpsTemplate
import OpsYAML

/// Which keys of secret files a project's playbooks, roles, variables and templates read.
struct SecretUses {
    /// A key that has to be there, and a place that reads it.
    struct Use {
        var need: MemberUse.Need
        var location: SourceLocation
    }

    /// By file without extension, then by key with its parts joined by points.
    private(set) var keys: [String: [String: Use]] = [:]
    /// Names of the files that are looked for.
    private let names: Set<String>
    /// Keys that have a default somewhere, or are asked for.
    private var guarded: [String: Set<String>] = [:]

    private static let directories = ["playbooks", "roles", "inventory", "group_vars", "host_vars"]
    /// Keywords and arguments whose texts are expressions without braces.
    private static let expressionKeys: Set<String> = ["when", "that", "until", "failed_when", "changed_when", "var"]

    /// Reads every file; what can't be parsed is left to `opsctl check`.
    init(names: Set<String>, files: ProjectFiles) {
        self.names = names
        guard !names.isEmpty else { return }
        for directory in Self.directories {
            let root = files.absolute(directory)
            for path in FileManager.default.enumerator(atPath: root)?.compactMap({ $0 as? String }).sorted() ?? [] {
                let file = files.display("\(directory)/\(path)")
                guard let text = Self.text(of: "\(root)/\(path)"), names.contains(where: text.contains) else { continue }
                read(text, file: file)
            }
        }
        for (name, members) in guarded {
            for key in members where keys[name]?[key]?.need == .sometimes { keys[name]?[key] = nil }
        }
    }

    private static func text(of path: String) -> String? {
        guard let bytes = try? SecretsInput.bytes(of: path) else { return nil }
        return String(validating: bytes, as: UTF8.self)
    }

    private mutating func read(_ text: String, file: String) {
        switch (file as NSString).pathExtension {
        case "yml", "yaml", "json":
            guard let root = try? YAMLParser().parse(text, file: file).root else { return }
            walk(root, isExpression: false, isConditional: false)
        case "j2", "ini", "": add((try? MemberUse.all(inTemplate: text, origin: TemplateOrigin(file: file))) ?? [], isConditional: false)
        default: return
        }
    }

    private mutating func walk(_ node: YAMLNode, isExpression: Bool, isConditional: Bool) {
        switch node.content {
        case .sequence(let items):
            for item in items { walk(item, isExpression: isExpression, isConditional: isConditional) }
        case .mapping(let entries):
            let hasCondition = isConditional || entries.contains { $0.key.string == "when" }
            for entry in entries {
                let key = entry.key.string ?? ""
                let isWhen = key == "when"
                walk(
                    entry.value, isExpression: Self.expressionKeys.contains(key), isConditional: isWhen ? isConditional : hasCondition)
            }
        case .scalar(.string(let text)) where node.handling == .plain:
            let origin = TemplateOrigin(node.location, continuationColumn: Int(node.text.continuationColumn))
            let hasBraces = text.contains("{{") || text.contains("{%")
            guard hasBraces || isExpression else { return }
            let uses = try? hasBraces ? MemberUse.all(inTemplate: text, origin: origin) : MemberUse.all(inExpression: text, origin: origin)
            add(uses ?? [], isConditional: isConditional)
        case .scalar: return
        }
    }

    private mutating func add(_ uses: [MemberUse], isConditional: Bool) {
        for use in uses where names.contains(use.variable) {
            let key = use.members.joined(separator: ".")
            let need = isConditional ? min(use.need, .sometimes) : use.need
            if need == .none {
                guarded[use.variable, default: []].insert(key)
            } else if keys[use.variable]?[key].map({ $0.need < need }) ?? true {
                keys[use.variable, default: [:]][key] = Use(need: need, location: use.location)
            }
        }
    }
}
