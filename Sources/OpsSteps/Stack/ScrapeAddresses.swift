import OpsMonitoring
import OpsTransport

/// Where the host reaches what Prometheus scrapes: the names of docker's networks mean something inside them only.
struct ScrapeAddresses: Sendable {
    private var addresses: [String: String] = [:]

    /// Without a container, names are the host's.
    static let ofHost = ScrapeAddresses(parsing: "", networks: [])

    /// What Prometheus' container finds in its hosts file, and the names of all containers on its networks.
    static func look(from container: StackSurvey.Container?, _ work: StepWork) async throws -> ScrapeAddresses {
        guard let container, container.status == "running" else { return ofHost }
        let answer = try await work.require(script(container.id), to: "look at docker's networks")
        let parts = answer.stdout.text.split(separator: "\n", maxSplits: 1, omittingEmptySubsequences: false)
        return ScrapeAddresses(parsing: String(parts.last ?? ""), networks: Set(parts[0].split(separator: " ").map(String.init)))
    }

    private static func script(_ id: String) -> String {
        """
        docker inspect --format '{{range .NetworkSettings.Networks}}{{.NetworkID}} {{end}}' \(id) || exit
        opsctl_pid=$(docker inspect --format '{{.State.Pid}}' \(id)) || exit
        sed 's/^/hosts /' "/proc/$opsctl_pid/root/etc/hosts"
        docker inspect --format '{{$name := .Name}}{{range .NetworkSettings.Networks}}{{.NetworkID}} {{.IPAddress}} {{$name}} {{join .Aliases " "}}
        {{end}}' $(docker ps -q)

        """
    }

    /// - Parameter output: lines of `NETWORK ADDRESS /NAME ALIAS...`, or `hosts ADDRESS NAME...`.
    init(parsing output: String, networks: Set<String>) {
        for line in output.split(separator: "\n") {
            let words = line.split(whereSeparator: \.isWhitespace).map(String.init)
            guard words.count > 2, words[0] == "hosts" || networks.contains(words[0]) else { continue }
            for name in words.dropFirst(2) { addresses[name.hasPrefix("/") ? String(name.dropFirst()) : name] = words[1] }
        }
    }

    func endpoint(of url: HTTPURL) -> Endpoint { .tcp(host: addresses[url.host] ?? url.host, port: url.port) }
}
