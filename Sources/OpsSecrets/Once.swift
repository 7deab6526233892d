import Synchronization

/// A value that is computed when it is first needed, at most once; failures are not kept.
final class Once<Content: Sendable>: Sendable {
    private let content = Mutex<Content?>(nil)

    /// Nil if it was not needed so far.
    var known: Content? { content.withLock { $0 } }

    func value(_ compute: () throws -> Content) rethrows -> Content {
        try content.withLock { content in
            if let content { return content }
            let new = try compute()
            content = new
            return new
        }
    }
}
