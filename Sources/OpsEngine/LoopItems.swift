import Foundation
import OpsCore
import OpsProject
import OpsSteps

/// Works out what a step loops over.
struct LoopItems {
    var templar: Templar
    var search: FileSearch

    /// Most items that a loop may have.
    private static let most = 100_000

    func items(_ loop: Loop, _ scope: StepScope) throws -> [Value] {
        let value = try templar.render(loop.items, scope)
        let items: [Value] =
            switch loop.kind {
            case .loop: try list(value, loop)
            // Flattened by one level, a single value counts as a list: Ansible's `items` lookup.
            case .items: (value.list ?? [value]).flatMap { $0.list ?? [$0] }
            case .dict: try entries(value, loop)
            case .fileglob: (value.list ?? [value]).compactMap(\.string).flatMap(matches)
            }
        guard items.count <= Self.most else {
            throw Diagnostic(code: "loop-too-long", "the loop has \(items.count) items, more than \(Self.most)", at: loop.items.location)
        }
        return items
    }

    private func list(_ value: Value, _ loop: Loop) throws -> [Value] {
        if let items = value.list { return items }
        throw Diagnostic(
            code: "not-a-list", "'loop' needs a list, not a \(value.kindName)", at: loop.items.location,
            hints: value.map == nil ? [] : ["use with_dict, or '{{ ... | dict2items }}', to loop over a mapping"])
    }

    private func entries(_ value: Value, _ loop: Loop) throws -> [Value] {
        guard let map = value.map else {
            throw Diagnostic(code: "not-a-mapping", "'with_dict' needs a mapping, not a \(value.kindName)", at: loop.items.location)
        }
        return map.map { ["key": $0.key, "value": $0.value] }
    }

    /// Local files whose names match, sorted; directories are left out.
    private func matches(_ pattern: String) -> [Value] {
        let bases = pattern.hasPrefix("/") ? [""] : search.directories.map { $0 + "/" }
        for base in bases {
            let found = Self.glob(base + pattern)
            if !found.isEmpty { return found.map { .string($0) } }
        }
        return []
    }

    private static func glob(_ pattern: String) -> [String] {
        let directory = (pattern as NSString).deletingLastPathComponent
        let name = PathPattern((pattern as NSString).lastPathComponent)
        let names = (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
        return names.sorted().filter { name.matches($0) }.map { directory + "/" + $0 }.filter { path in
            var isDirectory: ObjCBool = false
            return FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) && !isDirectory.boolValue
        }
    }

    /// `ansible_loop` of `loop_control: {extended: true}`.
    static func extended(_ index: Int, _ items: [Value]) -> Value {
        var map: ValueMap = [
            "allitems": .list(items), "index": .int(index + 1), "index0": .int(index), "length": .int(items.count),
            "revindex": .int(items.count - index), "revindex0": .int(items.count - index - 1),
            "first": .bool(index == 0), "last": .bool(index == items.count - 1),
        ]
        if index > 0 { map["previtem"] = items[index - 1] }
        if index + 1 < items.count { map["nextitem"] = items[index + 1] }
        return .map(map)
    }
}
