import OpsCore
import OpsSteps
import OpsTransport

/// Sessions with the hosts of an environment, and the stacks that run on them.
struct StackConnections: Sendable {
    struct Host: Sendable {
        var name: String
        var session: HostSession
        var become: BecomeSettings?
        var stacks: [DiscoveredStack]
        var connection: ReconnectingTransport
    }

    /// Hosts that could be reached, in the inventory's order.
    var hosts: [Host]
    /// Why the others could not.
    var problems: [(host: String, diagnostic: Diagnostic)]

    /// Connects to all hosts side by side and finds their stacks.
    /// - Throws: if no host at all can be reached.
    static func connect(_ workspace: Workspace, limit: String?) async throws -> StackConnections {
        let names = try workspace.hosts(limit: limit)
        let outcomes = await withTaskGroup(of: (Int, Swift.Result<Host, any Error>).self) { group in
            for (index, name) in names.enumerated() {
                group.addTask {
                    do { return (index, .success(try await Self.connect(name, workspace))) } catch { return (index, .failure(error)) }
                }
            }
            var outcomes: [(Int, Swift.Result<Host, any Error>)] = []
            for await outcome in group { outcomes.append(outcome) }
            return outcomes.sorted { $0.0 < $1.0 }
        }
        var result = StackConnections(hosts: [], problems: [])
        for (index, outcome) in outcomes {
            switch outcome {
            case .success(let host): result.hosts.append(host)
            case .failure(let error):
                let failure = CommandFailure(wrapping: error)
                if result.hosts.isEmpty, outcomes.count == 1 || failure.status == .interrupted { throw failure }
                result.problems += failure.diagnostics.map { (names[index], $0) }
            }
        }
        if result.hosts.isEmpty, !result.problems.isEmpty {
            throw CommandFailure(result.problems.map(\.diagnostic), status: .unreachable)
        }
        return result
    }

    private static func connect(_ name: String, _ workspace: Workspace) async throws -> Host {
        let settings = try workspace.connectionSettings(of: name)
        let become = try workspace.become(name)
        let connector = try workspace.connector()
        let session = try await connector.connect(name, settings: settings)
        do {
            let stacks = try await DiscoveredStack.find(on: session, become: become)
            let connection = ReconnectingTransport(name) { try await connector.transport(name, settings: settings) }
            return Host(name: name, session: session, become: become, stacks: stacks, connection: connection)
        } catch {
            await session.close()
            throw error
        }
    }

    /// What can be opened through a tunnel.
    var offers: [TunnelOffer] {
        hosts.flatMap { host in
            host.stacks.flatMap { stack in
                stack.catalogue.services.compactMap { service in
                    service.tunnel.map { tunnel in
                        TunnelOffer(
                            host: host.name, service: service, tunnel: tunnel,
                            endpoint: stack.survey[service.name]?.endpoint(port: tunnel.port, declaredHost: nil),
                            connection: host.connection)
                    }
                }
            }
        }
    }

    func close() async {
        await withTaskGroup { group in
            for host in hosts {
                group.addTask {
                    await host.connection.close()
                    await host.session.close()
                }
            }
        }
    }
}
