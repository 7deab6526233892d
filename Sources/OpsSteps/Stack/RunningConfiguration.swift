import Foundation
import OpsCore
import OpsMonitoring
import OpsTransport

/// Prometheus runs what was pushed: the files that its process sees are the pushed ones, and it has read them since they
/// changed last.
struct RunningConfiguration: Sendable {
    /// The files as the process sees them.
    struct Seen: Sendable {
        /// SHA-256 by path; a file that isn't there has none.
        var hashes: [String: String] = [:]
        /// When one of them, or of the directories that they stand in, was last changed.
        var changed: Date?
        /// Why nothing was seen.
        var failure: String?
    }

    private let marker: String?
    private let files: [String: String]

    init?(_ arguments: ArgumentReader) throws {
        marker = try arguments.string("config_marker")
        files = try Self.hashes(arguments)
        for path in files.keys where !path.hasPrefix("/") {
            throw arguments.complaint("config_files", code: "not-absolute", "'\(path)' is not the absolute path of a file in the container")
        }
        if PrometheusExpectations.leavesTargetsOut(arguments), marker == nil, files.isEmpty { return nil }
    }

    /// The checksum of a file that is made from a secret is secret as well; it is compared, and not shown.
    private static func hashes(_ arguments: ArgumentReader) throws -> [String: String] {
        let entries = try (arguments.map("config_files") ?? [:]).map { path, hash in
            guard let path = path.string, let hash = SensitiveText(hash)?.reveal({ $0 }) else {
                throw arguments.complaint("config_files", code: "wrong-type", "'config_files' must map paths to checksums")
            }
            return (path, hash)
        }
        return Dictionary(entries) { $1 }
    }

    /// Looks through the process' own root: a mount that has gone stale shows what the process has, not what is on the host.
    func look(into container: StackSurvey.Container?, _ work: StepWork) async throws -> Seen {
        guard !files.isEmpty else { return Seen() }
        guard let container, container.status == "running" else { return Seen(failure: "there is no running container") }
        let answer = try await work.run(script(container.id))
        guard answer.succeeded else { return Seen(failure: answer.complaint(failing: "look into the container").message) }
        return Self.parse(answer.stdout.text)
    }

    private func script(_ id: String) -> String {
        let paths = files.keys.sorted()
        let directories = Set(paths.map { ($0 as NSString).deletingLastPathComponent }).sorted()
        let quoted = ShellQuoting.join(paths.map { "." + $0 })
        return """
            opsctl_pid=$(docker inspect --format '{{.State.Pid}}' \(id)) || exit
            cd "/proc/$opsctl_pid/root/" || exit
            stat -c '%Y' \(quoted) \(ShellQuoting.join(directories.map { "." + $0 })) 2>/dev/null | sort -n | tail -n 1
            sha256sum \(quoted) 2>/dev/null || :

            """
    }

    static func parse(_ output: String) -> Seen {
        var seen = Seen()
        for line in output.split(separator: "\n") {
            let words = line.split(separator: " ", maxSplits: 1)
            if words.count == 1, let seconds = Double(words[0]) {
                seen.changed = Date(timeIntervalSince1970: seconds)
            } else if words.count == 2 {
                // `hash  ./etc/prometheus/prometheus.yml`
                seen.hashes[String(words[1].trimming().dropFirst())] = String(words[0])
            }
        }
        return seen
    }

    func checks(_ seen: Seen?, _ prometheus: PrometheusClient) async throws -> [Check] {
        let running = try await ConfigurationCheck(marker: marker, changed: seen?.changed).run(with: prometheus)
        return running + (files.isEmpty ? [] : [filesCheck(seen ?? Seen())])
    }

    private func filesCheck(_ seen: Seen) -> Check {
        let (resource, property, expected) = ("prometheus", "configuration files", "\(files.count) as pushed")
        if let failure = seen.failure { return .unknown(resource, property, expected: expected, because: failure) }
        let wrong = files.filter { seen.hashes[$0.key] != $0.value }.keys.sorted()
        return Check(
            resource: resource, property: property, expected: expected, actual: "\(files.count - wrong.count) as pushed",
            status: wrong.isEmpty ? .pass : .fail,
            details: wrong.prefix(10).map { seen.hashes[$0] == nil ? "missing: \($0)" : "not what was pushed: \($0)" })
    }
}
