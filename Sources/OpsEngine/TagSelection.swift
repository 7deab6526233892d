/// Which steps `--tags` and `--skip-tags` let through (Ansible's rules, lib/ansible/playbook/taggable.py).
struct TagSelection: Sendable {
    var only: Set<String>
    var skip: Set<String>

    init(only: [String], skip: [String]) {
        self.only = only.isEmpty ? ["all"] : Set(only)
        self.skip = Set(skip)
    }

    /// - Parameter tags: the step's own and inherited ones.
    func selects(_ tags: [String]) -> Bool {
        let own = tags.isEmpty ? ["untagged"] : Set(tags)
        return isAsked(own) && !isSkipped(own)
    }

    private func isAsked(_ own: Set<String>) -> Bool {
        if own.contains("always") { return true }
        if !own.isDisjoint(with: only) { return true }
        if own.contains("never") { return false }
        return only.contains("all") || (only.contains("tagged") && own != ["untagged"])
    }

    private func isSkipped(_ own: Set<String>) -> Bool {
        if skip.contains("all") { return !(own.contains("always") && !skip.contains("always")) }
        if skip.contains("tagged"), own != ["untagged"] { return true }
        return !own.isDisjoint(with: skip)
    }
}
