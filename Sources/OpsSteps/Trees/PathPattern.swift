/// A glob over relative paths: `*` and `?` stay within one name, `**` crosses directories.
public struct PathPattern: Sendable, Hashable {
    private let parts: [String]

    /// A pattern without a slash matches names at any depth; one that ends with a slash everything below.
    public init(_ text: String) {
        let whole = text.hasSuffix("/") ? text + "**" : text
        let names = whole.split(separator: "/").map(String.init)
        parts = whole.contains("/") ? names : ["**"] + names
    }

    public func matches(_ path: String) -> Bool {
        Self.match(parts[...], path.split(separator: "/").map(String.init)[...])
    }

    private static func match(_ pattern: ArraySlice<String>, _ path: ArraySlice<String>) -> Bool {
        guard let first = pattern.first else { return path.isEmpty }
        if first == "**" {
            if pattern.count == 1 { return true }
            return path.indices.contains { match(pattern.dropFirst(), path[$0...]) }
        }
        guard let name = path.first else { return false }
        return matchName(Array(first)[...], Array(name)[...]) && match(pattern.dropFirst(), path.dropFirst())
    }

    /// Greedy matching with one point to come back to: linear in practice, never exponential.
    private static func matchName(_ pattern: ArraySlice<Character>, _ name: ArraySlice<Character>) -> Bool {
        var p = pattern.startIndex
        var n = name.startIndex
        var star: (pattern: Int, name: Int)?
        while n < name.endIndex {
            if p < pattern.endIndex, pattern[p] == "*" {
                star = (p, n)
                p += 1
            } else if p < pattern.endIndex, pattern[p] == "?" || pattern[p] == name[n] {
                p += 1
                n += 1
            } else if let back = star {
                star = (back.pattern, back.name + 1)
                p = back.pattern + 1
                n = back.name + 1
            } else {
                return false
            }
        }
        return pattern[p...].allSatisfy { $0 == "*" }
    }
}
