import ArgumentParser
import Foundation
import OpsCore
import OpsReport
import OpsSSH
import OpsSteps
import OpsTransport

struct Tunnel: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Open services of the stack on local ports, until ctrl-C.",
        discussion: """
            Services are named as in the compose file; ports bind 127.0.0.1 only. A connection that drops is \
            made again while the local port stays open.

              opsctl tunnel grafana
              opsctl tunnel grafana prometheus production
              opsctl tunnel grafana --port 8080 --open
              opsctl tunnel --list production
            """)

    @Argument(help: ArgumentHelp("Services, and the environment if it has to be named.", valueName: "service ... env"))
    var words: [String] = []

    @Option(help: ArgumentHelp("Local port, for a single service.", valueName: "number"))
    var port: Int?

    @Flag(help: "Open the first service in the browser.")
    var open = false

    @Flag(help: "List what can be opened, and end.")
    var list = false

    @OptionGroup var place: EnvironmentOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let (workspace, services) = try split()
        try await Interruption.guarding(announcing: {}) {
            let stacks = try await StackConnections.connect(workspace, limit: workspace.limit)
            do {
                try await self.run(services, stacks)
            } catch {
                await stacks.close()
                throw error
            }
            await stacks.close()
        }
    }

    /// The last word is the environment if an inventory has that name.
    private func split() throws -> (Workspace, [String]) {
        if let last = words.last, place.inventory.isEmpty, Workspace.hasEnvironment(last) {
            return (try Workspace.load(last, place), Array(words.dropLast()))
        }
        return (try Workspace.load(nil, place), words)
    }

    private func run(_ services: [String], _ stacks: StackConnections) async throws {
        let console = Console.shared
        let offers = stacks.offers
        if list {
            console.out(TunnelList(offers: offers).table(console))
            return
        }
        guard !services.isEmpty else {
            throw CommandFailure(
                Diagnostic(code: "no-service", "name at least one service", hints: ["there are: " + Self.names(offers)]),
                status: .usage)
        }
        if port != nil, services.count > 1 {
            throw CommandFailure(Diagnostic(code: "one-port", "--port goes with a single service"), status: .usage)
        }
        let chosen = try services.map { try Self.offer($0, offers) }
        var forwards: [LocalForward] = []
        for offer in chosen {
            let forward = try await TunnelForward(offer: offer, wantedPort: port).start()
            forwards.append(forward)
            console.out(offer.line(localPort: forward.port ?? 0))
        }
        if open, let first = chosen.first, let forward = forwards.first { Browser.open(first.url(localPort: forward.port ?? 0)) }
        console.say("Press ctrl-C to close.")
        while !Task.isCancelled { try? await Task.sleep(for: .seconds(3600)) }
        for forward in forwards { await forward.close() }
    }

    private static func offer(_ name: String, _ offers: [TunnelOffer]) throws -> TunnelOffer {
        let found = offers.filter { $0.service.name == name || "\($0.host):\($0.service.name)" == name }
        guard let first = found.first else {
            let names = offers.map(\.service.name)
            let near = NearestName.hints(for: name, in: names)
            throw CommandFailure(Diagnostic(
                code: "unknown-service", "no service '\(name)' can be opened",
                hints: near + ["there are: " + Self.names(offers)]), status: .usage)
        }
        if found.count > 1 {
            throw CommandFailure(Diagnostic(
                code: "ambiguous-service", "'\(name)' runs on several hosts",
                hints: ["name one: " + found.map { "\($0.host):\(name)" }.joined(separator: ", ")]), status: .usage)
        }
        return first
    }

    private static func names(_ offers: [TunnelOffer]) -> String {
        offers.isEmpty
            ? "none (is the stack deployed? 'opsctl status' tells)"
            : Array(Set(offers.map(\.service.name))).sorted().joined(separator: ", ")
    }
}

/// Opens a page in the user's browser.
enum Browser {
    static func open(_ url: String) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        #if os(macOS)
            process.arguments = ["open", url]
        #else
            process.arguments = ["xdg-open", url]
        #endif
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try? process.run()
    }
}
