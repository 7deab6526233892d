/// POSIX paths as Python's `os.path` handles them.
enum PathText {
    static func basename(_ path: String) -> String { path.splitText("/").last ?? "" }

    static func dirname(_ path: String) -> String {
        let head = path.splitText("/").dropLast().joined(separator: "/") + (path.utf8.contains(0x2F) ? "/" : "")
        let stripped = PythonText.strip(head, ["/"], left: false)
        return stripped.isEmpty ? head : stripped
    }

    /// The path before its last extension, and the extension with its dot.
    static func splitExtension(_ path: String) -> (String, String) {
        let name = basename(path)
        let leadingDots = name.prefix { $0 == "." }.count
        let body = name.dropFirst(leadingDots)
        guard let dot = body.lastIndex(of: ".") else { return (path, "") }
        let suffix = String(body[dot...])
        return (String(decoding: path.utf8.dropLast(suffix.utf8.count), as: UTF8.self), suffix)
    }

    static func normalized(_ path: String) -> String {
        if path.isEmpty { return "." }
        let slashes = path.hasPrefix("//") && !path.hasPrefix("///") ? "//" : path.hasPrefix("/") ? "/" : ""
        var parts: [String] = []
        for part in path.splitText("/") where !part.isEmpty && part != "." {
            if part != ".." || (slashes.isEmpty && (parts.isEmpty || parts.last == "..")) {
                parts.append(part)
            } else if !parts.isEmpty {
                parts.removeLast()
            }
        }
        let result = slashes + parts.joined(separator: "/")
        return result.isEmpty ? "." : result
    }

    static func join(_ parts: [String]) -> String {
        parts.dropFirst().reduce(parts.first ?? "") { path, part in
            if part.hasPrefix("/") { return part }
            return path.isEmpty || path.hasSuffix("/") ? path + part : path + "/" + part
        }
    }

    /// The way from `start` to `path`, both absolute.
    static func relative(_ path: String, to start: String) -> String {
        let from = normalized(start).splitText("/").filter { !$0.isEmpty }
        let to = normalized(path).splitText("/").filter { !$0.isEmpty }
        let common = zip(from, to).prefix { $0 == $1 }.count
        let parts = Array(repeating: "..", count: from.count - common) + to.dropFirst(common)
        return parts.isEmpty ? "." : parts.joined(separator: "/")
    }

    /// The longest directory that all paths share; nil if absolute and relative ones are mixed.
    static func common(_ paths: [String]) -> String? {
        let isAbsolute = paths.map { $0.hasPrefix("/") }
        guard Set(isAbsolute).count == 1 else { return nil }
        let parts = paths.map { $0.splitText("/").filter { !$0.isEmpty && $0 != "." } }
        guard var shared = parts.first else { return nil }
        for other in parts { shared = zip(shared, other).prefix { $0 == $1 }.map(\.0) }
        return (isAbsolute[0] ? "/" : "") + shared.joined(separator: "/")
    }
}
