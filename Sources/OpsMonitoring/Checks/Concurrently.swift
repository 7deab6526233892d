import OpsCore

extension Check {
    /// Makes checks at the same time and gives them in the order of `parts`.
    ///
    /// Each part waits for the network most of the time; one after another they would add their round trips up.
    /// - Throws: what the first part to fail throws; the others are cancelled.
    public static func concurrently(
        _ parts: [@Sendable () async throws -> [Check]]
    ) async throws -> [Check] {
        try await withThrowingTaskGroup(of: (Int, [Check]).self) { group in
            for (index, part) in parts.enumerated() { group.addTask { (index, try await part()) } }
            var results = [[Check]](repeating: [], count: parts.count)
            for try await (index, checks) in group { results[index] = checks }
            return results.flatMap { $0 }
        }
    }
}
