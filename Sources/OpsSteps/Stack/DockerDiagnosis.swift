import OpsCore
import OpsTransport

/// Finds out why docker doesn't do what a step needs, once a command has failed.
enum DockerDiagnosis {
    /// Oldest versions that the steps are written for: Compose with `config --hash`, Engine with health checks in `inspect`.
    private static let oldestCompose = 2

    /// Prints what of docker there is.
    static let script = """
        if command -v docker >/dev/null 2>&1; then
        echo "engine $(docker version --format '{{.Server.Version}}' 2>&1 | grep . | head -n 1)"
        echo "compose $(docker compose version --short 2>/dev/null | head -n 1)"
        else echo missing; fi
        """

    /// The most likely reason for a failure of `docker` or `docker compose`, with the next action.
    static func complaint(_ failed: CommandResult, _ work: StepWork) async -> Diagnostic {
        let host = work.mode.host
        guard let facts = try? await work.run(script) else { return failed.complaint(failing: "ask docker on \(host)") }
        let lines = facts.stdout.text.split(separator: "\n").map(String.init)
        if lines.first == "missing" {
            return Diagnostic(code: "docker-missing", "docker is not installed on \(host)",
                              hints: ["install the engine and its compose plugin: docs.docker.com/engine/install"])
        }
        let engine = lines.first { $0.hasPrefix("engine ") }?.dropFirst(7) ?? ""
        guard engine.first?.isNumber == true else {
            return Diagnostic(
                code: "docker-unreachable", "docker on \(host) does not answer: \(engine)",
                hints: ["'become: true', or membership in group docker, gives access to its socket; 'service docker start' starts it"])
        }
        let compose = lines.first { $0.hasPrefix("compose ") }?.dropFirst(8) ?? ""
        let major = compose.drop { $0 == "v" }.prefix { $0.isNumber }
        guard let number = Int(major), number >= oldestCompose else {
            return Diagnostic(
                code: "compose-too-old", "\(host) has \(compose.isEmpty ? "no docker compose v2" : "docker compose \(compose)")",
                hints: [
                    "install the plugin (docker-compose-plugin, or docker-compose from Debian 13 on); 'docker compose version' must answer"
                ])
        }
        return complaint(failing: "read the compose project", failed)
    }

    /// What docker said of a failure, without the warnings that it prints on the same stream.
    static func complaint(failing purpose: String, _ failed: CommandResult) -> Diagnostic {
        let lines = failed.stderr.text.split(separator: "\n")
        let errors = lines.filter { !$0.contains("level=warning") }
        var failed = failed
        if !errors.isEmpty { failed.stderr = CommandOutput(Array(errors.joined(separator: "\n").utf8)) }
        var complaint = failed.complaint(failing: purpose)
        complaint.hints = hints(failed.stderr.text)
        return complaint
    }

    /// Advice for errors that docker is known to word this way. The error itself is always shown too.
    static func hints(_ words: String) -> [String] {
        if words.contains("port is already allocated") || words.contains("address already in use") {
            return ["another program or container uses the port: 'ss -ltnp' on the host says which"]
        }
        if words.contains("no space left on device") { return ["the host's disk is full: 'docker system df' and 'df -h' say where"] }
        if words.contains("pull access denied") || words.contains("manifest unknown") || words.contains("no such host") {
            return ["the image cannot be fetched: check its name and tag, and whether the host reaches the registry"]
        }
        return []
    }
}
