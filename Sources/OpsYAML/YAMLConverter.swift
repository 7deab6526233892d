import OpsCore
import OrderedCollections
import Yams

/// Turns Yams' nodes into ours, and finds what is legal YAML but not what the user meant.
struct YAMLConverter {
    let file: String
    /// The file, by lines.
    private let lines: [Substring]
    /// Nodes that may still be made: what was written, plus what aliases may add.
    var budget: Int
    var diagnostics = DiagnosticCollector()
    /// Takes no text in base64 for the bytes it stands for.
    var refusesBinary = false

    init(_ text: String, file: String) {
        self.file = file
        budget = text.utf8.count + YAMLParser.maximumExpansion
        // Looked at for block scalars only.
        let hasBlocks = text.utf8.contains(UInt8(ascii: "|")) || text.utf8.contains(UInt8(ascii: ">"))
        lines = hasBlocks ? text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline) : []
    }

    mutating func convert(_ node: Node) -> YAMLNode { convert(node, inherited: .plain) }

    private mutating func convert(_ node: Node, inherited: YAMLNode.Handling) -> YAMLNode {
        budget -= 1
        guard budget > 0 else {
            if budget == 0 {
                report(
                    node, "yaml-expansion",
                    "aliases in this file expand to more than \(YAMLParser.maximumExpansion) nodes")
            }
            return YAMLNode(.scalar(.null), at: location(node))
        }
        switch node {
        case .scalar(let scalar): return convert(scalar, node, inherited)
        case .sequence(let sequence):
            let handling = handling(of: sequence.tag, node, inherited)
            let items = sequence.map { convert($0, inherited: handling) }
            warnAboutBooleans(items, sequence)
            return YAMLNode(.sequence(items), at: location(node), handling: handling)
        case .mapping(let mapping): return convert(mapping, node, inherited)
        case .alias: return YAMLNode(.scalar(.null), at: location(node))
        }
    }

    // MARK: Mappings

    private mutating func convert(_ mapping: Node.Mapping, _ node: Node, _ inherited: YAMLNode.Handling) -> YAMLNode {
        if isUnquotedTemplate(mapping) {
            report(
                node, "unquoted-template", "a value that begins with '{{' is read as a mapping",
                hints: ["quote the whole value: \"{{ ... }}\""])
        }
        let handling = handling(of: mapping.tag, node, inherited)
        var merged: [YAMLNode.Entry] = []
        var entries: [YAMLNode.Entry] = []
        var seen: [Value: SourceLocation] = [:]
        for (key, value) in mapping {
            if isMerge(key) {
                merged += mergedEntries(convert(value, inherited: handling))
                continue
            }
            let keyNode = convert(key, inherited: .unsafe)
            guard budget > 0 else { break }
            if let first = seen.updateValue(keyNode.location, forKey: keyNode.value) {
                reportDuplicate(keyNode, first: first)
                continue
            }
            entries.append(.init(key: keyNode, value: convert(value, inherited: handling)))
            warnAboutNumber(key, value, entries[entries.count - 1].value)
        }
        if !merged.isEmpty { entries = Self.merge(merged, under: entries) }
        return YAMLNode(.mapping(entries), at: location(node), handling: handling)
    }

    /// `{{ x }}` unquoted: a mapping whose only key is a mapping that begins at the next character.
    private func isUnquotedTemplate(_ mapping: Node.Mapping) -> Bool {
        guard mapping.count == 1, let outer = mapping.mark, let inner = mapping.first?.key.mapping?.mark else {
            return false
        }
        return inner.line == outer.line && inner.column == outer.column + 1
    }

    private func isMerge(_ key: Node) -> Bool {
        guard case .scalar(let scalar) = key else { return false }
        return scalar.string == "<<" && scalar.style == .plain
    }

    /// The pairs that a merge key adds; of a list, earlier mappings win over later ones.
    private mutating func mergedEntries(_ node: YAMLNode) -> [YAMLNode.Entry] {
        if let entries = node.mapping { return entries }
        guard let items = node.sequence, items.allSatisfy({ $0.mapping != nil }) else {
            diagnostics.add(
                Diagnostic(
                    code: "yaml-merge",
                    "a merge key '<<' takes a mapping or a list of mappings, not a \(node.kindName)",
                    at: node.location))
            return []
        }
        return items.reversed().flatMap { $0.mapping ?? [] }
    }

    /// Keys stand where they first appear; the last value wins.
    private static func merge(_ merged: [YAMLNode.Entry], under own: [YAMLNode.Entry]) -> [YAMLNode.Entry] {
        var result = OrderedDictionary<Value, YAMLNode.Entry>()
        for entry in merged + own { result[entry.key.value] = entry }
        return Array(result.values)
    }

    // MARK: Scalars

    private mutating func convert(_ scalar: Node.Scalar, _ node: Node, _ inherited: YAMLNode.Handling) -> YAMLNode {
        let tag = scalar.tag.description
        var handling = handling(of: scalar.tag, node, inherited)
        let value: Value
        switch tag {
        // Yams writes `str` into the tag of a plain scalar once it was compared as a key.
        case "", "tag:yaml.org,2002:str", "!unsafe":
            value =
                scalar.style == .plain && (tag != "tag:yaml.org,2002:str" || inherited == .unsafe)
                ? resolve(scalar.string, node) : .string(scalar.string)
        case "!vault", "!vault-encrypted":
            handling = .vault
            value = .string(scalar.string)
        case "tag:yaml.org,2002:int", "tag:yaml.org,2002:float", "tag:yaml.org,2002:bool", "tag:yaml.org,2002:null",
            "tag:yaml.org,2002:timestamp":
            value = resolve(scalar.string, node)
        case "tag:yaml.org,2002:binary" where refusesBinary:
            report(node, "yaml-binary", "binary data is no value here", hints: ["leave out the tag for a text in base64"])
            value = .null
        default: value = .string(scalar.string)
        }
        var origin = textOrigin(scalar)
        if scalar.style == .plain, tag != "tag:yaml.org,2002:str", value.string != nil {
            origin.isTimestamp = YAMLTimestamp.normalized(scalar.string) != nil
        }
        return YAMLNode(.scalar(value), at: location(node), handling: handling, text: origin)
    }

    private func textOrigin(_ scalar: Node.Scalar) -> YAMLNode.TextOrigin {
        var origin = YAMLNode.TextOrigin()
        guard let mark = scalar.mark else { return origin }
        switch scalar.style {
        case .singleQuoted, .doubleQuoted: origin.column = Int32(clamping: mark.column + 1)
        case .literal, .folded:
            let body = lines.dropFirst(mark.line).first { !$0.allSatisfy(\.isWhitespace) } ?? ""
            origin.lines = 1
            origin.continuationColumn = Int32(clamping: body.prefix { $0 == " " }.count + 1)
            origin.column = origin.continuationColumn
        default: break
        }
        return origin
    }

    private mutating func resolve(_ text: String, _ node: Node) -> Value {
        switch YAMLScalar.resolve(text) {
        case .value(let value): return value
        case .tooLarge:
            report(
                node, "integer-too-large", "'\(text.prefix(40))' does not fit into a 64-bit integer",
                hints: ["quote it if it is a text"])
            return .null
        }
    }

    private mutating func handling(of tag: Tag, _ node: Node, _ inherited: YAMLNode.Handling) -> YAMLNode.Handling {
        let name = tag.description
        if name.isEmpty || name.hasPrefix("tag:yaml.org,2002:") || name == "!" { return inherited }
        switch name {
        case "!unsafe": return .unsafe
        case "!vault", "!vault-encrypted": if case .scalar = node { return .vault }
        default: break
        }
        let known = ["!vault", "!vault-encrypted", "!unsafe"]
        let message = known.contains(name) ? "the tag '\(name)' takes a text" : "unknown tag '\(name)'"
        report(node, "yaml-tag", message, hints: NearestName.hints(for: name, in: known))
        return inherited
    }

    // MARK: Findings

    private func location(_ node: Node) -> SourceLocation {
        SourceLocation(file: file, line: node.mark?.line ?? 1, column: node.mark?.column ?? 1)
    }

    private mutating func report(
        _ node: Node, _ code: String, _ message: String, hints: [String] = [], severity: Diagnostic.Severity = .error
    ) {
        diagnostics.add(Diagnostic(severity, code: code, message, at: location(node), hints: hints))
    }

    private mutating func reportDuplicate(_ key: YAMLNode, first: SourceLocation) {
        diagnostics.add(
            Diagnostic(
                code: "duplicate-key", "duplicate key '\(YAMLText.brief(key.value))'", at: key.location,
                hints: ["remove one of the two"], trail: [.init("first written here", at: first)]))
    }

    /// `version: 1.10` is the number 1.1, and `22:30` is 1350.
    private mutating func warnAboutNumber(_ key: Node, _ node: Node, _ value: YAMLNode) {
        guard case .scalar(let scalar) = node, scalar.style == .plain, scalar.tag.description.isEmpty else { return }
        let isTime = value.scalar?.int != nil && scalar.string.contains(":")
        let isVersion =
            if case .double? = value.scalar { scalar.string.hasSuffix("0") && !scalar.string.hasSuffix(".0") } else {
                false
            }
        guard isTime || isVersion, let number = value.scalar else { return }
        report(
            node, "yaml-number", "'\(scalar.string)' is read as the number \(YAMLText.brief(number))",
            hints: ["quote it if it is a \(isTime ? "time" : "version")"], severity: .warning)
    }

    /// `[de, no, se]`: Norway turned into false.
    private mutating func warnAboutBooleans(_ items: [YAMLNode], _ sequence: Node.Sequence) {
        guard items.contains(where: { $0.string != nil }) else { return }
        for (item, node) in zip(items, sequence) where item.scalar?.bool != nil {
            guard case .scalar(let scalar) = node, !["true", "false"].contains(scalar.string.lowercased()) else {
                continue
            }
            report(
                node, "yaml-boolean", "'\(scalar.string)' is read as \(item.scalar == true ? "true" : "false")",
                hints: ["quote it if it is a text"], severity: .warning)
        }
    }
}

/// Values in messages.
enum YAMLText {
    static func brief(_ value: Value) -> String {
        switch value {
        case .null: "null"
        case .bool(let flag): flag ? "true" : "false"
        case .int(let number): String(number)
        case .double(let number): String(number)
        case .string(let text): String(text.prefix(60))
        case .secret, .list, .map: value.kindName
        }
    }
}
