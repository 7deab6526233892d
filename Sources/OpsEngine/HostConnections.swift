import OpsCore
import OpsProject
import OpsTransport

/// Makes sessions with hosts. The composition root gives it: the engine knows of no SSH.
public protocol Connector: Sendable {
    /// - Parameters:
    ///   - host: name in the inventory, or whatever `delegate_to` named.
    ///   - settings: the host's connection variables that are set: `ansible_host`, `ansible_user`, ...
    func connect(_ host: String, settings: [String: Value]) async throws -> HostSession
}

/// The sessions of a run: one per host, made when first needed.
actor HostConnections {
    private let connector: any Connector
    private let events: EventStream
    private var sessions: [String: HostSession] = [:]
    /// What each session was made with: a play may reach a host in another way than the one before.
    private var settings: [String: [String: Value]] = [:]
    private var connecting: [String: Task<HostSession, any Error>] = [:]
    /// Round trips of sessions that are closed by now.
    private var spentRoundTrips = 0

    init(connector: any Connector, events: EventStream) {
        self.connector = connector
        self.events = events
    }

    /// The host's session; several callers share one attempt to connect.
    func session(_ host: String, settings: [String: Value]) async throws -> HostSession {
        if let session = sessions[host] {
            if self.settings[host] == settings { return session }
            await discard(host)
        }
        if let attempt = connecting[host] { return try await attempt.value }
        let attempt = Task { try await self.connect(host, settings) }
        connecting[host] = attempt
        defer { connecting[host] = nil }
        return try await withTaskCancellationHandler {
            try await attempt.value
        } onCancel: {
            attempt.cancel()
        }
    }

    private func connect(_ host: String, _ settings: [String: Value]) async throws -> HostSession {
        let start = ContinuousClock.now
        let session = try await connector.connect(host, settings: settings)
        sessions[host] = session
        self.settings[host] = settings
        let seconds = (ContinuousClock.now - start).seconds
        await events.send(.hostConnected(.init(host: host, peer: session.peer, seconds: seconds)))
        return session
    }

    /// Forgets a session that broke; the next step that needs the host connects anew.
    func discard(_ host: String) async {
        guard let session = sessions.removeValue(forKey: host) else { return }
        spentRoundTrips += session.statistics.roundTrips
        await session.close()
    }

    var roundTrips: Int { sessions.values.reduce(spentRoundTrips) { $0 + $1.statistics.roundTrips } }

    func closeAll() async {
        let open = sessions.values
        await withTaskGroup { group in
            for session in open { group.addTask { await session.close() } }
        }
    }
}
