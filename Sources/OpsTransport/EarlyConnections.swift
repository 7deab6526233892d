import Foundation

/// Connections from a host that are opened before they are asked for, while something else is waited for.
///
/// An SSH connection opens one channel at a time, a round trip each: a step that asks eight services would
/// begin by waiting eight times.
actor EarlyConnections {
    private let transport: any Transport
    private var wanted: [Endpoint] = []
    private var ready: [Endpoint: SocketDescriptor] = [:]
    private var opener: Task<Void, Never>?

    init(transport: any Transport) { self.transport = transport }

    /// Opens one after another. Ends at the first that fails: what isn't there yet is dialled when it is needed.
    func open(_ endpoints: [Endpoint]) {
        wanted += endpoints.filter { ready[$0] == nil && !wanted.contains($0) }
        guard opener == nil, !wanted.isEmpty else { return }
        opener = Task {
            while let endpoint = wanted.first {
                let socket = try? await transport.connect(to: endpoint)
                let isStillWanted = wanted.first == endpoint
                if isStillWanted { wanted.removeFirst() }
                guard let socket else { break }
                if isStillWanted { ready[endpoint] = socket } else { Foundation.close(socket.rawValue) }
            }
            wanted = []
            opener = nil
        }
    }

    /// The connection if it is there; if not, it won't be opened any more.
    func take(_ endpoint: Endpoint) -> SocketDescriptor? {
        wanted.removeAll { $0 == endpoint }
        return ready.removeValue(forKey: endpoint)
    }

    /// Closes what nobody took: the host has changed, or is done with.
    func drop() {
        wanted = []
        for socket in ready.values { Foundation.close(socket.rawValue) }
        ready = [:]
    }
}
