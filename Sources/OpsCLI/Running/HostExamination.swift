import Foundation
import OpsCore
import OpsTransport

/// Finds out whether a host is fit for a deploy: everything in one script, after connecting.
struct HostExamination {
    var host: String
    var workspace: Workspace

    /// Bounds for a host that shall run a stack.
    private static let leastFreeDiskMB = 2048
    private static let leastMemoryMB = 900
    private static let mostClockDriftSeconds = 30.0

    func checks() async -> [Check] {
        let start = ContinuousClock.now
        do {
            let session = try await workspace.connector().connect(host, settings: workspace.connectionSettings(of: host))
            let connected = (ContinuousClock.now - start).seconds
            let checks: [Check]
            do {
                let asked = Date().timeIntervalSince1970
                let answer = try await session.run(Self.script, timeout: .seconds(30), become: workspace.become(host))
                checks = Self.checks(answer.stdout.text, asked: asked)
            } catch {
                checks = [Self.failed("shell", "commands run", CommandFailure(wrapping: error).diagnostics)]
            }
            await session.close()
            return [
                Check(
                    resource: "connection", property: "login", expected: "works", actual: session.peer, status: .pass,
                    seconds: connected)
            ] + checks
        } catch {
            return [Self.failed("connection", "login", CommandFailure(wrapping: error).diagnostics)]
        }
    }

    private static func failed(_ resource: String, _ property: String, _ diagnostics: [Diagnostic]) -> Check {
        Check(
            resource: resource, property: property, expected: "works", actual: diagnostics.first?.message ?? "failed", status: .fail,
            details: diagnostics.first?.hints ?? [])
    }

    /// Prints `name value` lines.
    private static let script = """
        echo "user $(id -un)"
        echo "time $(date +%s)"
        for t in sh tar gzip sha256sum find stat docker; do command -v $t >/dev/null 2>&1 || echo "missing $t"; done
        echo "engine $(docker version --format '{{.Server.Version}}' 2>&1 | head -n 1)"
        echo "compose $(docker compose version --short 2>&1 | head -n 1)"
        echo "disk $(df -Pm /var/lib/docker 2>/dev/null | awk 'NR==2 {print $4}')"
        echo "memory $(awk '/^MemTotal:/ {print int($2 / 1024)}' /proc/meminfo)"
        true
        """

    private static func checks(_ output: String, asked: Double) -> [Check] {
        var values: [String: String] = [:]
        var missing: [String] = []
        for line in output.split(separator: "\n") {
            let parts = line.split(separator: " ", maxSplits: 1).map(String.init)
            if parts.first == "missing", parts.count == 2 {
                missing.append(parts[1])
            } else if parts.count == 2 {
                values[parts[0]] = parts[1]
            }
        }
        return [
            check(
                "tools", "there", "sh tar gzip sha256sum find stat docker",
                missing.isEmpty ? "all" : "missing: " + missing.joined(separator: " "), missing.isEmpty),
            check("docker", "answers", "a version", values["engine"] ?? "nothing", values["engine"]?.first?.isNumber == true),
            check("compose", "version", "2 or newer", values["compose"] ?? "nothing", isCompose(values["compose"] ?? "")),
            number("disk", "free for docker", values["disk"], least: leastFreeDiskMB),
            number("memory", "installed", values["memory"], least: leastMemoryMB),
            clock(values["time"], asked: asked),
        ]
    }

    private static func isCompose(_ text: String) -> Bool {
        (Int(text.drop { $0 == "v" }.prefix { $0.isNumber }) ?? 0) >= 2
    }

    private static func number(_ resource: String, _ property: String, _ text: String?, least: Int) -> Check {
        guard let value = text.flatMap(Int.init) else {
            return Check(resource: resource, property: property, expected: "at least \(least) MB", actual: "not told", status: .unknown)
        }
        return check(resource, property, "at least \(least) MB", "\(value) MB", value >= least)
    }

    private static func clock(_ text: String?, asked: Double) -> Check {
        guard let time = text.flatMap(Double.init) else {
            return Check(
                resource: "clock", property: "drift", expected: "under \(Int(mostClockDriftSeconds)) s", actual: "not told",
                status: .unknown)
        }
        let drift = abs(time - asked)
        return check("clock", "drift", "under \(Int(mostClockDriftSeconds)) s", "\(Int(drift)) s", drift < mostClockDriftSeconds)
    }

    private static func check(_ resource: String, _ property: String, _ expected: String, _ actual: String, _ holds: Bool) -> Check {
        Check(resource: resource, property: property, expected: expected, actual: actual, status: holds ? .pass : .fail)
    }
}
