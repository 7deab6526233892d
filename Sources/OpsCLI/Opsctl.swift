import ArgumentParser
import Foundation
import OpsCore
import OpsReport

/// The command line.
public struct Opsctl: AsyncParsableCommand {
    /// The program's version; the changelog names what each brings.
    public static let version = "0.1.0"

    public static let configuration = CommandConfiguration(
        commandName: "opsctl",
        abstract: "Deploys and operates self-hosted monitoring on plain Linux servers.",
        discussion: """
            A project has inventory/, playbooks/ and secrets/. Start with:

              opsctl init               a new project, ready to edit
              opsctl plan production    what a deploy would change
              opsctl deploy production  push, start, verify
              opsctl tunnel grafana     Grafana on a local port

            ENV names an inventory: inventory/ENV.yml. It may be left out where opsctl.yml says \
            which is the default, or if there is only one.
            """,
        version: version,
        groupedSubcommands: [
            CommandGroup(name: "Deploy", subcommands: [Deploy.self, Plan.self, Verify.self, Run.self]),
            CommandGroup(name: "Operate", subcommands: [Tunnel.self, Status.self, Logs.self, Exec.self, Doctor.self]),
            CommandGroup(name: "Look and prepare", subcommands: [CheckProject.self, ShowInventory.self, Vars.self, Render.self, Secrets.self, Init.self]),
        ])

    public init() {}

    /// Parses the arguments, runs the command, and ends the process with the status that says how it went.
    public static func run() async {
        // A reader that went away (`| head`) is an error of that write, not the end of a deploy.
        signal(SIGPIPE, SIG_IGN)
        var showsExcerpts = true
        do {
            var command = try parseAsRoot()
            showsExcerpts = !(command is any PlaintextCommand)
            if var command = command as? any AsyncParsableCommand { try await command.run() } else { try command.run() }
            exit(withStatus: .success)
        } catch let status as ExitStatus {
            exit(withStatus: status)
        } catch where CommandFailure.covers(error) {
            let failure = CommandFailure(wrapping: error)
            failure.report(Console.shared, excerpts: showsExcerpts)
            exit(withStatus: failure.status)
        } catch {
            // ArgumentParser's own: usage, help, version.
            exit(withError: error)
        }
    }
}

extension ExitStatus: Error {}
