import OpsCore

/// `opsctl secrets diff`: what changed between two versions, without any value.
public enum SecretDiff {
    public enum Kind: String, Sendable, Codable {
        case added, removed, changed
    }

    public struct Change: Hashable, Sendable, Codable {
        /// Keys and list positions, joined by points.
        public var path: String
        public var kind: Kind
    }

    /// - Returns: changes in the order of the new version, removed ones at the end
    public static func changes(from old: Value, to new: Value) -> [Change] {
        let (before, after) = (leaves(of: old), leaves(of: new))
        let known = Dictionary(before, uniquingKeysWith: { $1 })
        let current = Dictionary(after, uniquingKeysWith: { $1 })
        var changes = after.compactMap { path, value -> Change? in
            guard let other = known[path] else { return Change(path: path, kind: .added) }
            return other == value ? nil : Change(path: path, kind: .changed)
        }
        changes += before.filter { current[$0.0] == nil }.map { Change(path: $0.0, kind: .removed) }
        return changes
    }

    /// Every value with its path; empty lists and mappings count as values, but for the document itself.
    static func leaves(of value: Value, path: String = "") -> [(String, Value)] {
        func below(_ name: String) -> String { path.isEmpty ? name : "\(path).\(name)" }
        switch value {
        case .map(let map) where !map.isEmpty:
            return map.flatMap { leaves(of: $0.value, path: below($0.key.string ?? "\($0.key)")) }
        case .list(let items) where !items.isEmpty:
            return items.enumerated().flatMap { leaves(of: $0.element, path: below(String($0.offset))) }
        // A document without any value has no leaf; below it, an empty list or mapping is one.
        case .map, .list: return path.isEmpty ? [] : [(path, value)]
        default: return [(path, value)]
        }
    }
}
