import Foundation
import OpsCore
import OpsTransport

/// The containers of a compose project as docker reports them.
public struct StackSurvey: Sendable {
    public struct Container: Sendable, Hashable {
        public var service: String
        /// Compose's hash of the service's definition when the container was made.
        public var configHash: String
        public var id: String
        public var imageID: String
        public var imageName: String
        /// `running`, `exited`, `restarting`, `created`, `paused`, `dead`.
        public var status: String
        public var exitCode: Int
        public var outOfMemory: Bool
        /// Bytes that it may use; 0 for no limit.
        public var memoryLimit: Int
        /// `healthy`, `unhealthy`, `starting`, or empty without a health check.
        public var health: String
        /// What its last health check printed, if it is unhealthy.
        public var healthOutput: String
        public var restarts: Int
        public var startedAt: String
        public var usesHostNetwork: Bool
        /// Container port → where the host publishes it.
        public var published: [Int: (host: String, port: Int)]
        /// Addresses on docker networks, reachable from the host.
        public var addresses: [String]

        public static func == (a: Container, b: Container) -> Bool { a.id == b.id && a.status == b.status }
        public func hash(into hasher: inout Hasher) { hasher.combine(id) }

        /// Where a port of the container can be reached from the host.
        public func endpoint(port: Int, declaredHost: String?) -> Endpoint? {
            if let declaredHost { return .tcp(host: declaredHost, port: port) }
            if let binding = published[port] {
                let host = ["0.0.0.0", "::", ""].contains(binding.host) ? "127.0.0.1" : binding.host
                return .tcp(host: host, port: binding.port)
            }
            if usesHostNetwork { return .tcp(host: "127.0.0.1", port: port) }
            return addresses.first.map { .tcp(host: $0, port: port) }
        }

        /// What it was killed for when it needed more memory than it may have.
        var shortage: String {
            "out of memory (OOMKilled, \(memoryLimit > 0 ? "limit \(memoryLimit >> 20) MiB" : "no limit of its own"))"
        }

        /// `running (healthy)`, `exited with 137, out of memory (OOMKilled, limit 64 MiB), restarted 4 times`
        public var description: String {
            var words = status == "exited" || status == "dead" ? "\(status) with \(exitCode)" : status
            if !health.isEmpty { words += " (\(health))" }
            if outOfMemory { words += ", \(shortage)" }
            if restarts > 0 { words += ", restarted \(restarts) time\(restarts == 1 ? "" : "s")" }
            return words
        }
    }

    public var containers: [Container]

    /// The container of a service; the newest if there are several.
    public subscript(service: String) -> Container? {
        containers.filter { $0.service == service }.max { $0.startedAt < $1.startedAt }
    }

    /// Prints a line of tab-separated fields for each container of the project in a directory.
    static func script(projectDirectory: String) -> String { script(directoryWord: ShellQuoting.quote(projectDirectory)) }

    /// - Parameter directoryWord: the directory as a word of the shell: quoted, or a quoted variable.
    static func script(directoryWord: String) -> String {
        let filter = "label=com.docker.compose.project.working_dir=\(directoryWord)"
        return """
            opsctl_ids=$(docker ps -aq --no-trunc --filter \(filter)) || exit
            [ -z "$opsctl_ids" ] || docker inspect --format '\(format)' $opsctl_ids

            """
    }

    private static let format = [
        "{{index .Config.Labels \"com.docker.compose.service\"}}",
        "{{index .Config.Labels \"com.docker.compose.config-hash\"}}",
        "{{.ID}}", "{{.Image}}", "{{.Config.Image}}", "{{.State.Status}}", "{{.State.ExitCode}}", "{{.State.OOMKilled}}",
        "{{.HostConfig.Memory}}",
        "{{if .State.Health}}{{.State.Health.Status}}{{end}}",
        // Of the last attempt; the variable outlives the loop.
        "{{$said := \"\"}}{{if .State.Health}}{{if eq .State.Health.Status \"unhealthy\"}}{{range .State.Health.Log}}{{$said = .Output}}{{end}}{{end}}{{end}}"
            + "{{json $said}}",
        "{{.RestartCount}}", "{{.State.StartedAt}}",
        "{{.HostConfig.NetworkMode}}", "{{json .NetworkSettings.Ports}}",
        "{{range .NetworkSettings.Networks}}{{.IPAddress}} {{end}}",
    ].joined(separator: "\t")

    init(parsing output: some StringProtocol) {
        containers = output.split(separator: "\n").compactMap { line in
            Container(String(line).split(separator: "\t", omittingEmptySubsequences: false).map(String.init))
        }
    }
}

extension StackSurvey.Container {
    fileprivate init?(_ fields: [String]) {
        guard fields.count == 16 else { return nil }
        service = fields[0]
        configHash = fields[1]
        id = fields[2]
        imageID = fields[3]
        imageName = fields[4]
        status = fields[5]
        exitCode = Int(fields[6]) ?? 0
        outOfMemory = fields[7] == "true"
        memoryLimit = Int(fields[8]) ?? 0
        health = fields[9]
        healthOutput = Value(json: fields[10].utf8)?.string ?? ""
        restarts = Int(fields[11]) ?? 0
        startedAt = fields[12]
        usesHostNetwork = fields[13] == "host"
        published = Self.bindings(fields[14])
        addresses = fields[15].split(separator: " ").map(String.init)
    }

    /// `{"9090/tcp":[{"HostIp":"127.0.0.1","HostPort":"9090"}],"9091/tcp":null}`
    private static func bindings(_ json: String) -> [Int: (host: String, port: Int)] {
        var result: [Int: (host: String, port: Int)] = [:]
        for (key, value) in Value(json: json.utf8)?.map ?? [:] {
            guard let port = Int((key.string ?? "").prefix { $0 != "/" }), let binding = value.list?.first,
                let hostPort = binding["HostPort"]?.string.flatMap(Int.init)
            else { continue }
            result[port] = (binding["HostIp"]?.string ?? "", hostPort)
        }
        return result
    }
}
