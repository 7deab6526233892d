import Foundation
import OpsCore
import OpsMonitoring
import OpsTransport

/// `exposure`: what the stack listens on can be reached from its host alone.
struct ExposureModule: StepModule {
    static let name = "exposure"
    static let isReadOnly = true
    static let parameters =
        StackPlace.parameters + [
            Parameter("public_address", "the host's address as this machine reaches it; nothing is tried if they are one"),
            Parameter("refused_ports", "ports of that address that must refuse this machine (default: all of the stack)"),
            Parameter("loopback_only", "the stack's ports listen on loopback and docker's bridges alone (default true)"),
            Parameter("allowed", "ports that may be public"),
        ]

    private let place: StackPlace
    private let publicAddress: String?
    private let refusedPorts: [Int]?
    private let loopbackOnly: Bool
    private let allowed: Set<Int>

    init(_ arguments: ArgumentReader, _ environment: StepEnvironment) throws {
        guard let place = try StackPlace(arguments, environment) else {
            throw Diagnostic(code: "missing-argument", "'exposure' needs 'project_dir'", at: arguments.location)
        }
        self.place = place
        publicAddress = try arguments.string("public_address").flatMap { $0.isEmpty ? nil : $0 }
        refusedPorts = try Self.ports("refused_ports", arguments)
        loopbackOnly = try arguments.bool("loopback_only", default: true)
        allowed = Set(try Self.ports("allowed", arguments) ?? [])
        if refusedPorts != nil, publicAddress == nil {
            throw Diagnostic(code: "missing-argument", "'refused_ports' needs a 'public_address'", at: arguments.location)
        }
    }

    private static func ports(_ name: String, _ arguments: ArgumentReader) throws -> [Int]? {
        try arguments.strings(name)?.map { text in
            guard let port = Int(text), (1...65535).contains(port) else {
                throw arguments.complaint(name, code: "bad-port", "'\(text)' is no port")
            }
            return port
        }
    }

    var probe: Probe? { place.probe }

    func perform(_ work: StepWork) async throws -> StepResult {
        if work.mode.checkMode { return .notInCheckMode }
        let stack = try await RunningStack.read(work, directory: place.directory, file: place.file)
        let ports = Self.ports(of: stack).subtracting(allowed)
        var checks: [Check] = []
        if loopbackOnly {
            let answer = try await work.require(HostListeners.script, to: "list what listens")
            let listeners = HostListeners(parsing: answer.stdout.text)
            checks += Self.summed(listeners.checks(ports), "ports of the stack", "listen on", "loopback or docker's bridge")
            checks += try await outerAddresses(listeners, ports, work)
        }
        if let publicAddress, await isHere(publicAddress, work) {
            checks.append(Check(
                resource: "ports of \(publicAddress)", property: "reached from here", expected: "refused",
                actual: "this machine is the host: what another one reaches is not known", status: .skip))
        } else if let publicAddress {
            let closed = (refusedPorts ?? Array(ports)).filter { !allowed.contains($0) }.sorted()
            let refusals = try await Check.concurrently(closed.map { port in
                { [try await Self.refusal(publicAddress, port, from: "here") { try await LocalTransport().connect(to: $0) }] }
            })
            checks += Self.summed(refusals, "ports of \(publicAddress)", "reached from here", "refused")
        }
        return .verified(checks)
    }

    /// Whether the way to the address doesn't leave this machine: then it proves nothing, open or closed.
    private func isHere(_ address: String, _ work: StepWork) async -> Bool {
        if work.session.isLocal { return true }
        return await LocalTransport.owns(address)
    }

    /// One check for all ports that are well, and one for each that isn't.
    private static func summed(_ checks: [Check], _ resource: String, _ property: String, _ expected: String) -> [Check] {
        let good = checks.filter { $0.status == .pass }.count
        let sum = Check(
            resource: resource, property: property, expected: expected,
            actual: "\(good) of \(checks.count)", status: .pass)
        return (good > 0 ? [sum] : []) + checks.filter { $0.status != .pass }
    }

    /// The host's other addresses, tried from the host: what docker forwards listens nowhere, and this machine need not
    /// have a way to all of them.
    private func outerAddresses(_ listeners: HostListeners, _ ports: Set<Int>, _ work: StepWork) async throws -> [Check] {
        let addresses = listeners.outer.filter { $0 != publicAddress }.sorted().prefix(Self.mostAddresses)
        let pairs = addresses.flatMap { address in ports.sorted().map { (address, $0) } }
        let refusals = try await Check.concurrently(pairs.map { address, port in
            { [try await Self.refusal(address, port, from: "the host") { try await work.session.connect(to: $0) }] }
        })
        return Self.summed(refusals, "ports of the host's other addresses", "reached from the host", "refused")
    }

    /// Addresses that are tried from the host.
    private static let mostAddresses = 16

    /// The ports that the stack could be reached at: published ones, and those that its other services answer at inside,
    /// where somebody else may have opened them.
    static func ports(of stack: RunningStack) -> Set<Int> {
        var ports = Set(stack.survey.containers.flatMap { $0.published.values.map(\.port) })
        for service in stack.catalogue.services {
            let declared = service.published.values.compactMap { if case .tcp(_, let port) = $0 { port } else { nil } }
            let inside = [service.health?.port, service.tunnel?.port].compactMap { $0 }
            ports.formUnion(declared.isEmpty ? inside : declared)
        }
        return ports
    }

    /// Tries to connect.
    private static func refusal(
        _ address: String, _ port: Int, from place: String, _ connect: (Endpoint) async throws -> SocketDescriptor
    ) async throws -> Check {
        var actual = "connected"
        do {
            let socket = try await connect(.tcp(host: address, port: port))
            _ = Foundation.close(socket.rawValue)
        } catch TransportError.channelRefused(_, _, let reason) {
            actual = "refused: \(reason)"
        }
        let isClosed = actual != "connected"
        return Check(
            resource: "port \(port) of \(address)", property: "reached from \(place)", expected: "refused",
            actual: actual, status: isClosed ? .pass : .fail)
    }
}
