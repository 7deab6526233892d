import Foundation
import OpsCore
import OpsMonitoring
import OpsTransport

/// Lines that only the log shipper can bring to Loki: one that a container prints, one in an application's file.
struct ShippedLines: Sendable {
    /// The lines once they are written.
    struct Written: Sendable {
        /// To be polled.
        var checks: [@Sendable (LokiClient) async throws -> [Check]] = []
        /// Why a line could not even be written.
        var failures: [Check] = []
        fileprivate var container: String?

        /// Removes the container that printed.
        func cleanUp(_ work: StepWork) async throws {
            if let container { _ = try await work.run("docker rm -f \(ShellQuoting.quote(container))") }
        }
    }

    private let image: String?
    private let file: String?

    /// Seconds that the container stays: the shipper looks for new containers every few seconds, and may miss one
    /// that is gone by then. It removes itself, also if this program is stopped meanwhile.
    private static let stay = 60

    init?(_ arguments: ArgumentReader) throws {
        guard let map = try arguments.map("shipped") else { return nil }
        try arguments.refuseUnknownKeys(of: map, "shipped", ["image", "file"])
        image = map["image"]?.string.flatMap { $0.isEmpty ? nil : $0 }
        file = map["file"]?.string.flatMap { $0.isEmpty ? nil : $0 }
    }

    /// Writes the lines, each with an id of its own.
    func write(_ work: StepWork) async throws -> Written {
        var written = Written()
        let run = UUID().uuidString.lowercased()
        let began = Date()
        if let image {
            let answer = try await work.run(Self.container(image, line: Self.line("\(run)-container")))
            if answer.succeeded {
                written.container = answer.stdout.text.trimming()
                let check = LokiArrivalCheck(property: "line of a container", text: "\(run)-container", since: began)
                written.checks.append { try await check.run(with: $0) }
            } else {
                written.failures.append(Self.failure("line of a container", answer.complaint(failing: "run a container of \(image)")))
            }
        }
        if let file {
            let path = ShellQuoting.quote(file)
            // Made by anybody but the application, the file would not be writable by it.
            let answer = try await work.run(
                "[ -f \(path) ] || { echo 'there is no such file' >&2; exit 1; }; printf '%s\\n' \(ShellQuoting.quote(Self.line("\(run)-file"))) >> \(path)")
            if answer.succeeded {
                let check = LokiArrivalCheck(property: "line of \(file)", text: "\(run)-file", since: began)
                written.checks.append { try await check.run(with: $0) }
            } else {
                written.failures.append(Self.failure("line of \(file)", answer.complaint(failing: "append to it")))
            }
        }
        return written
    }

    private static func container(_ image: String, line: String) -> String {
        let words = [
            "docker", "run", "--detach", "--rm", "--network", "none", "--pull", "never", "--log-driver", "json-file", "--memory", "32m",
            "--label", "opsctl.job=opsctl-selftest", "--entrypoint", "sh", image, "-c", "echo \"$1\"; sleep \(stay)", "sh", line,
        ]
        return ShellQuoting.join(words)
    }

    private static func line(_ id: String) -> String { #"{"level":"info","message":"opsctl tests the way of logs","id":"\#(id)"}"# }

    private static func failure(_ property: String, _ reason: Diagnostic) -> Check {
        Check(resource: "log shipper", property: property, expected: "written", actual: reason.message, status: .fail)
    }
}
