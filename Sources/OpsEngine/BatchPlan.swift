import OpsCore
import OpsProject

/// Cuts a play's hosts into the batches that `serial` asks for.
enum BatchPlan {
    /// - Parameter sizes: rendered `serial` entries: integers or percentages of all hosts; the last one repeats.
    static func batches(_ hosts: [String], sizes: [Located]) throws(Diagnostic) -> [[String]] {
        guard !sizes.isEmpty, !hosts.isEmpty else { return hosts.isEmpty ? [] : [hosts] }
        var batches: [[String]] = []
        var rest = hosts[...]
        var index = 0
        while !rest.isEmpty {
            let size = try size(sizes[min(index, sizes.count - 1)], of: hosts.count)
            batches.append(Array(rest.prefix(size)))
            rest = rest.dropFirst(size)
            index += 1
        }
        return batches
    }

    /// At least 1; zero means all, as in Ansible.
    private static func size(_ entry: Located, of total: Int) throws(Diagnostic) -> Int {
        if let number = entry.value.int ?? entry.value.string.flatMap(Int.init), number >= 0 {
            return number == 0 ? total : number
        }
        if let text = entry.value.string, text.hasSuffix("%"), let percent = Double(text.dropLast()), percent > 0 {
            return max(1, Int(Double(total) * percent / 100))
        }
        throw Diagnostic(
            code: "bad-serial", "'serial' must be a number or a percentage", at: entry.location,
            hints: ["write 2, \"30%\", or a list of such"])
    }
}
