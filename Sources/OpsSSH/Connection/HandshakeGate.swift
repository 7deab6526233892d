import Synchronization

/// Bounds how many logins are under way at one address at once, since sshd drops connections beyond its
/// `MaxStartups` (10 by default) before it greets them.
public final class HandshakeGate: Sendable {
    private let limit: Int
    private let addresses = Mutex<[String: Semaphore]>([:])

    public init(limit: Int = 8) { self.limit = max(1, limit) }

    /// Waits for a place; false if the task was cancelled. Every true wants one `leave`.
    func enter(_ address: String) async -> Bool { await semaphore(address).acquire() }

    func leave(_ address: String) { semaphore(address).release() }

    private func semaphore(_ address: String) -> Semaphore {
        addresses.withLock { addresses in
            if let known = addresses[address] { return known }
            let new = Semaphore(limit: limit)
            addresses[address] = new
            return new
        }
    }
}
