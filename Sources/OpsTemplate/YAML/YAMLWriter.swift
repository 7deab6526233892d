import OpsCore

/// PyYAML's `dump` with libyaml, as Ansible's `to_yaml`, `to_nice_yaml` and `ansible-inventory --yaml` use it.
struct YAMLWriter {
    private var emitter: YAMLEmitter
    private let options: YAMLEmitter.Options
    private let anchors: [Int: Int]
    /// Numbers of the anchors written so far.
    private var written: Set<Int> = []

    static func text(_ value: JinjaValue, _ options: YAMLEmitter.Options) throws -> String {
        try text(try YAMLTree(value, sortsKeys: options.sortsKeys, depth: 0), options)
    }

    static func text(_ tree: YAMLTree, _ options: YAMLEmitter.Options) throws -> String {
        var writer = YAMLWriter(tree, options)
        if options.explicitStart { writer.emitter.writeIndicator("---", needsSpace: true) }
        try writer.write(tree, inMapping: false, isKey: false, depth: 0)
        writer.emitter.indent = -1
        writer.emitter.writeIndent()
        return writer.emitter.text + (options.explicitEnd ? "...\n" : "")
    }

    private init(_ tree: YAMLTree, _ options: YAMLEmitter.Options) {
        self.options = options
        emitter = YAMLEmitter(options)
        anchors = tree.anchors()
    }

    private mutating func write(_ tree: YAMLTree, inMapping: Bool, isKey: Bool, depth: Int) throws {
        guard depth < Limits.maximumValueDepth else { throw Limits.tooDeep }
        try WalkBudget.checkSize(emitter.text)
        switch tree {
        case .list(let items): try write(items, inMapping: inMapping, depth)
        case .map(let entries): try write(entries, depth)
        case .scalar(let value): write(YAMLWriter.text(of: value), isString: value.string != nil, isKey: isKey)
        case .plain(let text): write(text, isString: false, isKey: isKey)
        case .tagged(let tag, let text): writeTagged(tag, text)
        case .shared(let id, let inner):
            if let number = anchors[id] {
                let isFirst = written.insert(number).inserted
                emitter.writeIndicator((isFirst ? "&" : "*") + YAMLWriter.anchor(number), needsSpace: true)
                guard isFirst else { return }
            }
            try write(inner, inMapping: inMapping, isKey: isKey, depth: depth)
        }
    }

    private static func anchor(_ number: Int) -> String {
        "id" + String(repeating: "0", count: max(0, 3 - "\(number)".count)) + "\(number)"
    }

    private mutating func writeTagged(_ tag: String, _ text: String) {
        emitter.writeIndicator(tag, needsSpace: true)
        let before = emitter.increaseIndent(isFlow: true)
        defer { emitter.indent = before }
        emitter.writeLiteral(text)
    }

    static func text(of value: Value) -> String {
        switch value {
        case .null: return "null"
        case .bool(let flag): return flag ? "true" : "false"
        case .int(let number): return number.description
        case .double(let number):
            if number.isNaN { return ".nan" }
            if number.isInfinite { return number < 0 ? "-.inf" : ".inf" }
            let text = PythonNumber.repr(number)
            return text.contains(".") ? text : text.replacingText("e", with: ".0e")
        case .string(let text): return text
        case .secret, .list, .map: return Secret.mask
        }
    }

    private mutating func write(_ text: String, isString: Bool, isKey: Bool) {
        let scalar = YAMLScalar(text, allowsUnicode: options.allowsUnicode)
        let style = style(scalar, isString: isString, isKey: isKey)
        let before = emitter.increaseIndent(isFlow: true)
        defer { emitter.indent = before }
        // What only a plain text would be read back as gets the tag of no type in quotes.
        if style != nil, !isString { emitter.writeIndicator("!", needsSpace: true) }
        switch style {
        case "'": emitter.writeSingleQuoted(text, isKey: isKey)
        case "\"": emitter.writeDoubleQuoted(text, isKey: isKey)
        case "|", ">": emitter.writeLiteral(text)
        default: emitter.writePlain(text, isKey: isKey)
        }
    }

    /// The style a scalar is written in; nil is plain.
    private func style(_ scalar: YAMLScalar, isString: Bool, isKey: Bool) -> Unicode.Scalar? {
        var style = options.defaultStyle
        let inFlow = emitter.flowLevel > 0
        if isKey, scalar.isMultiline { return "\"" }
        if style == nil {
            let isPlain = inFlow ? scalar.allowsFlowPlain : scalar.allowsBlockPlain
            let isEmptyInside = scalar.text.isEmpty && (inFlow || isKey)
            if isPlain, !isEmptyInside, !(isString && scalar.needsQuotes) { return nil }
            style = "'"
        }
        if style == "'", !scalar.allowsSingleQuoted { return "\"" }
        if style == "|" || style == ">", !scalar.allowsBlock || inFlow || isKey { return "\"" }
        return style
    }

    // MARK: Collections

    private func isFlow(_ items: [YAMLTree]) -> Bool {
        if items.isEmpty || emitter.flowLevel > 0 { return true }
        return options.flowStyle ?? items.allSatisfy { item in
            switch item {
            case .list, .map, .shared, .tagged: false
            case .scalar, .plain: options.defaultStyle == nil
            }
        }
    }

    private mutating func write(_ items: [YAMLTree], inMapping: Bool, _ depth: Int) throws {
        if isFlow(items) {
            return try writeFlow("[", "]", items) { writer, item in
                try writer.write(item, inMapping: false, isKey: false, depth: depth + 1)
            }
        }
        let before = emitter.increaseIndent(isFlow: false, isIndentless: inMapping && !emitter.isIndented)
        for item in items {
            emitter.writeIndent()
            emitter.writeIndicator("-", needsSpace: true, isIndention: true)
            try write(item, inMapping: false, isKey: false, depth: depth + 1)
        }
        emitter.indent = before
    }

    private mutating func write(_ entries: [(key: YAMLTree, value: YAMLTree)], _ depth: Int) throws {
        if isFlow(entries.flatMap { [$0.key, $0.value] }) {
            return try writeFlow("{", "}", entries) { writer, entry in try writer.write(entry, inFlow: true, depth) }
        }
        let before = emitter.increaseIndent(isFlow: false)
        for entry in entries {
            emitter.writeIndent()
            try write(entry, inFlow: false, depth)
        }
        emitter.indent = before
    }

    private mutating func write(_ entry: (key: YAMLTree, value: YAMLTree), inFlow: Bool, _ depth: Int) throws {
        let text = YAMLWriter.scalarKey(entry.key)
        let isSimple = text.map { $0.utf8.count <= 128 && !YAMLScalar($0, allowsUnicode: true).isMultiline } ?? false
        if isSimple {
            try write(entry.key, inMapping: true, isKey: true, depth: depth + 1)
            emitter.writeIndicator(":", needsSpace: false)
        } else {
            emitter.writeIndicator("?", needsSpace: true, isIndention: !inFlow)
            try write(entry.key, inMapping: true, isKey: false, depth: depth + 1)
            if !inFlow || emitter.column > options.width { emitter.writeIndent() }
            emitter.writeIndicator(":", needsSpace: true, isIndention: !inFlow)
        }
        try write(entry.value, inMapping: true, isKey: false, depth: depth + 1)
    }

    /// The text of a scalar key; nil for a collection.
    private static func scalarKey(_ key: YAMLTree) -> String? {
        switch key {
        case .scalar(let value): text(of: value)
        case .plain(let text): text
        case .tagged, .list, .map, .shared: nil
        }
    }

    private mutating func writeFlow<T>(
        _ open: String, _ close: String, _ items: [T], _ body: (inout YAMLWriter, T) throws -> Void
    ) throws {
        emitter.writeIndicator(open, needsSpace: true, isSpace: true)
        let before = emitter.increaseIndent(isFlow: true)
        emitter.flowLevel += 1
        for (index, item) in items.enumerated() {
            if index > 0 { emitter.writeIndicator(",", needsSpace: false) }
            if emitter.column > options.width { emitter.writeIndent() }
            try body(&self, item)
        }
        emitter.flowLevel -= 1
        emitter.indent = before
        emitter.writeIndicator(close, needsSpace: false)
    }
}

extension YAMLTree {
    /// - Throws: `Diagnostic` for something undefined, for what YAML has no form for, and where it is nested too deep.
    fileprivate init(_ value: JinjaValue, sortsKeys: Bool, depth: Int) throws {
        guard depth < Limits.maximumValueDepth else { throw Limits.tooDeep }
        switch value {
        case .list(let list), .tuple(let list):
            try WalkBudget.visit(list.count)
            let tree = YAMLTree.list(try list.items.map { try YAMLTree($0, sortsKeys: sortsKeys, depth: depth + 1) })
            self = list.isVariable ? .shared(YAMLTree.identity(of: list), tree) : tree
        case .map(let map):
            try WalkBudget.visit(map.count)
            let tree = YAMLTree.map(try YAMLTree.entries(map, sortsKeys: sortsKeys, depth + 1))
            self = map.isVariable ? .shared(YAMLTree.identity(of: map), tree) : tree
        case .object(let time as TimeObject): self = .plain(time.text)
        case .object(let date as DateObject): self = .plain(date.text)
        case .undefined(let undefined): throw undefined.diagnostic
        case .null, .bool, .int, .double: self = .scalar(try value.value())
        case .secretNumber(let number): self = .scalar(try number.revealed.value())
        case .string, .markup, .secret: self = .scalar(.string(value.text ?? ""))
        default: throw Diagnostic(code: "template-type", "\(value.kindName) cannot be written as YAML")
        }
    }

    /// Lists and mappings of variables are the same object wherever they are used, as in Ansible; what a template makes
    /// is handed to filters as copies there.
    private static func identity(of object: AnyObject) -> Int { Int(bitPattern: ObjectIdentifier(object)) }

    private static func entries(_ map: MapObject, sortsKeys: Bool, _ depth: Int) throws -> [(key: YAMLTree, value: YAMLTree)] {
        var entries = try map.items().map { (key: $0.key.value, value: $0.value) }
        if sortsKeys, let sorted = try? Sorting.sorted(entries.map { .tuple([$0.key, .int(0)]) }) {
            let items = try map.items()
            entries = sorted.compactMap { pair in
                guard let key = pair.sequence?.items.first, let value = items[MapKey(key)] else { return nil }
                return (key, value)
            }
        }
        return try entries.map {
            (try YAMLTree($0.key, sortsKeys: sortsKeys, depth: depth), try YAMLTree($0.value, sortsKeys: sortsKeys, depth: depth))
        }
    }
}
