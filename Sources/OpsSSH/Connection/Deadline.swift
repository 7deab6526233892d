import OpsTransport

/// Runs `body` and cancels it when the time is over.
/// - Throws: `.connectTimedOut` then; otherwise what `body` throws.
func withDeadline<Value: Sendable>(
    _ limit: Duration, peer: String, _ body: @escaping @Sendable () async throws(TransportError) -> Value
) async throws(TransportError) -> Value {
    let result: Result<Value, TransportError> = await withTaskGroup(of: Result<Value, TransportError>?.self) { group in
        group.addTask {
            do throws(TransportError) { return .success(try await body()) } catch { return .failure(error) }
        }
        group.addTask {
            do { try await Task.sleep(for: limit) } catch { return nil }
            return .failure(.connectTimedOut(peer: peer, after: limit))
        }
        var first: Result<Value, TransportError>?
        while first == nil, let next = await group.next() { first = next }
        group.cancelAll()
        return first ?? .failure(.cancelled(peer: peer))
    }
    return try result.get()
}
