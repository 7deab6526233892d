import ArgumentParser
import OpsCore
import OpsReport
import OpsSteps
import OpsTransport

struct Logs: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show what a service logs.",
        discussion: """
              opsctl logs prometheus production
              opsctl logs grafana -f --since 10m
            """)

    @Argument(help: "The service, as in the compose file.")
    var service: String

    @Argument(help: ArgumentHelp("The environment: inventory/ENV.yml.", valueName: "env"))
    var environment: String?

    @Flag(name: [.customShort("f"), .long], help: "Go on until ctrl-C.")
    var follow = false

    @Option(help: ArgumentHelp("Only lines since this time ago.", valueName: "time"))
    var since: String?

    @Option(help: ArgumentHelp("Last lines of each container.", valueName: "count"))
    var tail = 100

    @OptionGroup var place: EnvironmentOptions

    func run() async throws {
        if let since, Duration(parsing: since) == nil { throw ValidationError("--since needs a length of time such as 10m") }
        let workspace = try Workspace.load(environment, place)
        try await Interruption.guarding(announcing: {}) {
            let connections = try await StackConnections.connect(workspace, limit: workspace.limit)
            do {
                try await self.show(connections, workspace.redactor)
            } catch {
                await connections.close()
                throw error
            }
            await connections.close()
        }
    }

    private func show(_ connections: StackConnections, _ redactor: Redactor) async throws {
        let found = connections.hosts.flatMap { host in
            host.stacks.flatMap(\.survey.containers).filter { $0.service == service }.map { (host, $0) }
        }
        guard !found.isEmpty else {
            let names = Set(connections.hosts.flatMap(\.stacks).flatMap(\.catalogue.services).map(\.name)).sorted()
            throw CommandFailure(Diagnostic(
                code: "unknown-service", "no container of a service '\(service)'",
                hints: NearestName.hints(for: service, in: names) + ["there are: " + names.joined(separator: ", ")]), status: .usage)
        }
        let isMany = found.count > 1
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (host, container) in found {
                group.addTask {
                    let lines = LinePrinter(prefix: isMany ? "\(host.name) | " : "", redactor: redactor, sink: .standardOutput)
                    _ = try await host.session.stream(self.command(container.id), become: host.become) { await lines.take($0) }
                    await lines.finish()
                }
            }
            try await group.waitForAll()
        }
    }

    private func command(_ id: String) -> String {
        var words = ["docker", "logs", "--tail", String(max(0, tail))]
        if follow { words.append("--follow") }
        if let since, let age = Duration(parsing: since) { words += ["--since", "\(Int(age.seconds))s"] }
        return ShellQuoting.join(words + [id])
    }
}

/// Prints a stream's whole lines, made harmless for the terminal, each with its host's name.
actor LinePrinter {
    private let prefix: String
    private let sink: Sink
    private var redactors: (StreamRedactor, StreamRedactor)
    private var partial: (String, String) = ("", "")

    init(prefix: String, redactor: Redactor, sink: Sink) {
        self.prefix = prefix
        self.sink = sink
        redactors = (StreamRedactor(redactor), StreamRedactor(redactor))
    }

    func take(_ chunk: OutputChunk) {
        switch chunk {
        case .stdout(let bytes): partial.0 = print(partial.0 + redactors.0.feed(bytes))
        case .stderr(let bytes): partial.1 = print(partial.1 + redactors.1.feed(bytes))
        }
    }

    func finish() {
        for rest in [partial.0 + redactors.0.finish(), partial.1 + redactors.1.finish()] where !rest.isEmpty {
            _ = print(rest.hasSuffix("\n") ? rest : rest + "\n")
        }
    }

    /// Prints the whole lines and gives the rest. A line without an end is cut where it gets too long to keep.
    private func print(_ text: String) -> String {
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        var rest = String(lines.removeLast())
        if rest.utf8.count > 65_536 {
            lines.append(Substring(rest))
            rest = ""
        }
        if !lines.isEmpty { sink.write(lines.map { prefix + TerminalText.line($0, limit: 65_536) + "\n" }.joined()) }
        return rest
    }
}
