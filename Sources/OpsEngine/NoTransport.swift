import OpsCore
import OpsTransport

/// For steps that work on the controller alone: it refuses everything, so a step that says it needs no host
/// and uses one all the same is found out.
struct NoTransport: Transport {
    let peer = "no host"

    func start(_ command: String) async throws(TransportError) -> any RemoteProcess {
        throw .localProblem(peer: peer, Self.fault)
    }

    func connect(to endpoint: Endpoint) async throws(TransportError) -> SocketDescriptor {
        throw .localProblem(peer: peer, Self.fault)
    }

    func close() async {}

    private static let fault = Diagnostic(code: "internal", "a step that needs no host used one")
}
