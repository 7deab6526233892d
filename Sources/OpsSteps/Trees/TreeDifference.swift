import OpsCore

/// What separates a host's tree from the declared one.
struct TreeDifference: Sendable {
    /// Files to send: new, other content, or other attributes (an inode in use is never modified in place).
    var files: [DeclaredTree.File] = []
    /// Directories that the host lacks.
    var missing: Set<String> = []
    /// Directories whose attributes differ.
    var directories: [DeclaredTree.Directory] = []
    /// Files to remove.
    var removed: [String] = []
    var changes: [Change] = []

    /// - Parameter deletes: whether files that the declared tree doesn't have are removed: all below its own
    ///   top-level names, and whatever a former push left elsewhere.
    init(declared: DeclaredTree, found: HostTree, destination: String, deletes: Bool) {
        for directory in declared.directories {
            guard let entry = found.entries[directory.path] else {
                missing.insert(directory.path)
                continue
            }
            let reasons = Self.attributeReasons(entry, bits: directory.bits, owner: directory.owner, group: directory.group)
            guard !reasons.isEmpty else { continue }
            directories.append(directory)
            changes.append(Change(.update, "\(destination)/\(directory.path)/", summary: reasons.joined(separator: ", ")))
        }
        for file in declared.files {
            guard let change = Self.change(file, found.entries[file.path], destination) else { continue }
            files.append(file)
            changes.append(change)
        }
        guard deletes else { return }
        let kept = Set(declared.files.map(\.path))
        let present = Set(found.entries.filter { !$0.value.isDirectory }.keys)
        removed = present.union(found.released).subtracting(kept).sorted()
        changes += removed.map { Change(.delete, "\(destination)/\($0)") }
    }

    /// What to put in place: files, and instead of all that is in a missing directory the directory itself.
    var pieces: [String] {
        var pieces: Set<String> = []
        for file in files {
            let ancestors = file.path.indices.filter { file.path[$0] == "/" }.map { String(file.path[..<$0]) }
            pieces.insert(ancestors.first(where: missing.contains) ?? file.path)
        }
        return pieces.sorted()
    }

    private static func change(_ file: DeclaredTree.File, _ entry: HostTree.Entry?, _ destination: String) -> Change? {
        let path = "\(destination)/\(file.path)"
        guard let entry, !entry.isDirectory else {
            return Change(.create, path, summary: "\(file.content.count) bytes")
        }
        var reasons = attributeReasons(entry, bits: file.bits, owner: file.owner, group: file.group)
        if entry.sha256 != file.sha256 { reasons.insert("content", at: 0) }
        return reasons.isEmpty ? nil : Change(.update, path, summary: reasons.joined(separator: ", "))
    }

    private static func attributeReasons(_ entry: HostTree.Entry, bits: Int, owner: String?, group: String?) -> [String] {
        var reasons: [String] = []
        if bits != entry.bits { reasons.append("mode \(FileMode.octal(entry.bits)) → \(FileMode.octal(bits))") }
        if let owner, owner != entry.owner, owner != entry.uid { reasons.append("owner \(entry.owner) → \(owner)") }
        if let group, group != entry.group, group != entry.gid { reasons.append("group \(entry.group) → \(group)") }
        return reasons
    }
}
