import ArgumentParser
import OpsCore
import OpsReport
import OpsTransport

struct Exec: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Run a command on every host.",
        discussion: """
            Output comes as it is made, each line with its host. The command's words are passed on as they are; \
            for a pipe or a variable of the host, give one quoted word to 'sh -c'.

              opsctl exec production -- uptime
              opsctl exec production --limit db -- sh -c 'df -h | head -3'

            Exit status: 0 if it succeeded everywhere, 2 if not, 4 if hosts could only not be reached.
            """)

    @Argument(help: ArgumentHelp("The environment: inventory/ENV.yml.", valueName: "env"))
    var environment: String?

    @Argument(parsing: .postTerminator, help: ArgumentHelp("The command, after '--'.", valueName: "command"))
    var command: [String] = []

    @Flag(name: [.customShort("b"), .long], help: "Run it as root, or as ansible_become_user says.")
    var become = false

    @Option(help: ArgumentHelp("Most time for the command.", valueName: "time"))
    var timeout: String?

    @OptionGroup var place: EnvironmentOptions

    func run() async throws {
        guard !command.isEmpty else { throw ValidationError("name the command after '--': opsctl exec ENV -- uptime") }
        let limit = try timeout.map { text in
            guard let time = Duration(parsing: text) else { throw ValidationError("--timeout is not a length of time: '\(text)'") }
            return time
        }
        let workspace = try Workspace.load(environment, place)
        let hosts = try workspace.hosts(limit: workspace.limit)
        let statuses = try await Interruption.guarding(announcing: {}) {
            await withTaskGroup(of: ExitStatus.self) { group in
                for host in hosts { group.addTask { await self.run(on: host, workspace, limit, isMany: hosts.count > 1) } }
                var statuses: [ExitStatus] = []
                for await status in group { statuses.append(status) }
                return statuses
            }
        }
        for status in [ExitStatus.interrupted, .failed, .unreachable] where statuses.contains(status) { throw status }
    }

    private func run(on host: String, _ workspace: Workspace, _ timeout: Duration?, isMany: Bool) async -> ExitStatus {
        let console = Console.shared
        do {
            let session = try await workspace.connector().connect(host, settings: workspace.connectionSettings(of: host))
            let settings = become ? try workspace.become(host, always: true) : nil
            let lines = LinePrinter(prefix: isMany ? "\(host) | " : "", redactor: workspace.redactor, sink: .standardOutput)
            let end: ProcessEnd
            do {
                end = try await session.stream("exec " + ShellQuoting.join(command), timeout: timeout, become: settings) {
                    await lines.take($0)
                }
            } catch {
                await session.close()
                throw error
            }
            await lines.finish()
            await session.close()
            guard end != .exited(0) else { return .success }
            console.say("\(host): \(end.description)")
            return .failed
        } catch {
            let failure = CommandFailure(wrapping: error)
            console.show(failure.diagnostics)
            return failure.status == .projectErrors ? .failed : failure.status
        }
    }
}

extension ProcessEnd {
    var description: String {
        switch self {
        case .exited(let code): "exit status \(code)"
        case .signaled(let name): "killed by signal \(name)"
        }
    }
}
