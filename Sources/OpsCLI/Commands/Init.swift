import ArgumentParser
import Foundation
import OpsCore

struct Init: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Make a new project, ready to edit.",
        discussion: """
            Writes an inventory, playbooks, settings and an example of the secrets. Files that are there already \
            stay as they are, so it can be repeated.

              opsctl init            here
              opsctl init servers    in a new directory
            """)

    @Argument(help: "The directory.")
    var directory: String?

    func run() async throws {
        let root = directory ?? "."
        let console = Console.shared
        for new in NewProject.files {
            let path = root == "." ? new.path : "\(root)/\(new.path)"
            guard !FileManager.default.fileExists(atPath: path) else {
                console.say("  kept     \(path)")
                continue
            }
            do {
                let file = URL(fileURLWithPath: path)
                try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
                try Data(new.content.utf8).write(to: file, options: .withoutOverwriting)
            } catch {
                throw CommandFailure(
                    Diagnostic(code: "not-written", "cannot write \(path): \(error.localizedDescription)"),
                    status: .internalError)
            }
            console.say("  written  \(path)")
        }
        console.out("""

            Next:
              1. put your servers into \(root == "." ? "" : root + "/")inventory/production.yml
              2. opsctl doctor production    are they fit?
              3. opsctl plan production      what would change?
              4. opsctl deploy production
            """)
    }
}
