import Foundation
import OpsCore
import OpsTransport

/// Waits until every container of a project is up, or says which one isn't and what it said last.
struct ComposeWait {
    var module: ComposeModule
    var work: StepWork

    private static let pause = Duration.milliseconds(300)
    /// A fresh container without a health check must have run this long without a restart.
    private static let settling = Duration.seconds(2)
    private static let logLines = 15

    private enum Verdict {
        case settled, pending
        case broken
    }

    /// Polls to the module's deadline.
    /// - Parameter fresh: services that were just started: their restarts count from zero.
    @discardableResult
    func untilSettled(fresh: Set<String>) async throws -> StackSurvey {
        let start = ContinuousClock.now
        while true {
            let answer = try await work.require(StackSurvey.script(projectDirectory: module.directory), to: "look at the containers")
            let survey = StackSurvey(parsing: answer.stdout.text)
            let age = ContinuousClock.now - start
            let verdicts = mine(survey).map { ($0, verdict($0, isFresh: fresh.contains($0.service), age: age)) }
            let broken = verdicts.filter { $0.1 == .broken }.map(\.0)
            if !broken.isEmpty { throw try await complaint(broken) }
            let pending = verdicts.filter { $0.1 == .pending }.map(\.0)
            if pending.isEmpty { return survey }
            if age >= module.waitTimeout { throw try await complaint(pending, waited: age) }
            await work.progress(
                "waiting for "
                    + pending.map { "\($0.service) (\($0.health.isEmpty ? $0.status : $0.health))" }.joined(separator: ", "))
            try await Task.sleep(for: Self.pause)
        }
    }

    /// For a stack that nothing was changed in: it must be up, or be given the time to become so.
    func requireSettled(_ survey: StackSurvey) async throws {
        let unsettled = mine(survey).contains { verdict($0, isFresh: false, age: .seconds(3600)) != .settled }
        if unsettled, !work.mode.checkMode { try await untilSettled(fresh: []) }
    }

    private func mine(_ survey: StackSurvey) -> [StackSurvey.Container] {
        survey.containers.filter { module.services.isEmpty || module.services.contains($0.service) }
    }

    private func verdict(_ container: StackSurvey.Container, isFresh: Bool, age: Duration) -> Verdict {
        switch container.status {
        case "exited", "dead":
            return container.exitCode == 0 && !container.outOfMemory ? .settled : .broken
        case "restarting":
            return container.restarts >= 2 || !isFresh ? .broken : .pending
        case "running":
            if isFresh, container.restarts >= 2 { return .broken }
            switch container.health {
            case "healthy": return .settled
            case "unhealthy": return .broken
            case "starting": return .pending
            default: return isFresh && age < Self.settling ? .pending : .settled
            }
        default:
            return .pending
        }
    }

    /// State, exit code and last log lines of each container.
    private func complaint(_ containers: [StackSurvey.Container], waited: Duration? = nil) async throws -> DiagnosticError {
        let mark = "opsctl-logs"
        let script = containers.map { container in
            // Health probes say more than the log when only they fail.
            """
            echo '\(mark) \(container.service)'
            \(container.restarts > 0 ? Self.lastExit(container) : "true")
            docker logs --tail \(Self.logLines) \(container.id) 2>&1 | tail -c 8000 | sed 's/^/log: /'
            echo
            docker inspect --format '{{if .State.Health}}{{range .State.Health.Log}}{{println "health check:" .ExitCode .Output}}{{end}}{{end}}' \(container.id) | grep . | tail -n 2 | head -c 600
            """
        }.joined(separator: "\n")
        let answer = try await work.run(script)
        let parts = answer.stdout.text.components(separatedBy: mark + " ")
        return DiagnosticError(containers.map { container in
            let log = parts.first { $0.hasPrefix(container.service + "\n") }?.split(separator: "\n").dropFirst() ?? []
            let late = waited.map { " after \($0.brief)" } ?? ""
            return Diagnostic(
                code: waited == nil ? "container-failed" : "container-not-ready",
                "container \(container.service) is \(container.description)\(late)",
                hints: log.isEmpty ? ["it has logged nothing"] : log.map(String.init))
        })
    }

    /// A container that keeps ending shows with what only between two starts, so two seconds are given to see it.
    private static func lastExit(_ container: StackSurvey.Container) -> String {
        """
        for n in 1 2 3 4 5 6 7 8 9 10; do
        s=$(docker inspect --format '{{.State.Status}} {{.State.OOMKilled}} {{.State.ExitCode}}' \(container.id))
        case $s in
        running*) sleep 0.2; continue ;;
        *" true "*) echo "it last ended with exit status ${s##* }, \(container.shortage)" ;;
        *) echo "it last ended with exit status ${s##* }" ;;
        esac
        break
        done
        """
    }
}
