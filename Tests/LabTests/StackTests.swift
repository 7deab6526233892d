import Foundation
import Testing

/// A stack on a host: deployed, refused, broken, mended.
@Suite(.serialized) struct StackTests {
    @Test func badConfigurationIsRefusedAndNothingIsSwitched() async throws {
        try await LabProject.with { project in
            let stack = LabStack(project, port: 19101, timeout: "15s")
            let first = try await project.run("test")
            #expect(first.status == 0 && first.stdout.contains(/ok=4 +changed=2/), "\(first)")
            let second = try await project.run("test")
            #expect(second.status == 0 && second.stdout.contains(/ok=4 +changed=0/), "\(second)")
            let (files, container) = (try await stack.files(), try await stack.container())

            stack.configuration("scrape_confgs")
            let invalid = try await project.run("test")
            #expect(invalid.status == 2, "\(invalid)")
            #expect(
                invalid.all.contains(
                    "promtool check config /etc/prometheus/prometheus.yml refused the new configuration; nothing was switched"),
                "\(invalid)")
            #expect(invalid.all.contains("field scrape_confgs not found"), "\(invalid)")

            stack.configuration()
            stack.compose(replacing: "    ports:", with: "    prots:")
            let compose = try await project.run("test")
            #expect(compose.status == 2, "\(compose)")
            #expect(compose.all.contains("docker compose config refused the new configuration; nothing was switched"), "\(compose)")
            #expect(compose.all.contains("Additional property prots is not allowed"), "\(compose)")
            #expect(try await stack.files() == files)
            #expect(try await stack.container() == container)
            #expect(try await Lab.shell("app1", "ls \(project.remote)/.opsctl/releases | wc -l") == "1\n")

            stack.compose()
            stack.configuration(target: "localhost:9", instance: "gone")
            let down = try await project.run("test", "-e", #"{"targets": [{"job": "prometheus", "instance": "gone"}]}"#)
            #expect(down.status == 2, "\(down)")
            #expect(down.all.contains(/reload service metrics +configuration changed/), "\(down)")
            #expect(down.all.contains("connection refused"), "\(down)")
        }
    }

    @Test func aFileEditedOnTheHostIsPutBackAndTakenUp() async throws {
        try await LabProject.with { project in
            let stack = LabStack(project, port: 19105)
            let first = try await project.run("test")
            #expect(first.status == 0, "\(first)")
            let file = "\(project.remote)/config/prometheus/prometheus.yml"
            try await Lab.shell("app1", "sed -i 's/instance: self/instance: other/' \(file) && curl -sf -X POST http://127.0.0.1:\(stack.port)/-/reload")

            let plan = try await project.run("test", "--check")
            #expect(plan.all.contains(/reload service metrics +configuration changed/), "\(plan)")
            let second = try await project.run("test")
            #expect(second.status == 0 && second.all.contains(/reload service metrics +configuration changed/), "\(second)")
            let third = try await project.run("test")
            #expect(third.status == 0 && third.stdout.contains(/changed=0/), "\(third)")
        }
    }

    /// A mistake in the compose file that only shows when the stack is started, and what is said of it.
    struct Mistake: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var port: Int
        var old: String
        var new: String
        var words: [String]
    }

    private static let mistakes = [
        Mistake(
            testDescription: "a port that is taken", port: 19102, old: "127.0.0.1:19102:9090", new: "3000:9090",
            words: ["cannot start the stack", "'ss -ltnp' on the host says which", ":3000"]),
        Mistake(
            testDescription: "a container that keeps ending", port: 19103, old: "    command: [",
            new: "    entrypoint: [sh, -c, 'echo last words; sleep 0.2; exit 7']\n    restart: always\n    command: [",
            words: ["container metrics is", "restarted", "exit status 7", "log: last words"]),
        Mistake(
            testDescription: "a container that needs more memory than it may have", port: 19106, old: "    ports:",
            new: "    entrypoint: [sh, -c, exec tail /dev/zero]\n    mem_limit: 32m\n    memswap_limit: 32m\n    restart: always\n    ports:",
            words: ["container metrics is", "restarted", "exit status 137, out of memory (OOMKilled, limit 32 MiB)"]),
        Mistake(
            testDescription: "an unhealthy container", port: 19104, old: "    ports:",
            new: "    healthcheck: {test: [CMD-SHELL, 'echo not well; exit 1'], interval: 1s, retries: 2}\n    ports:",
            words: ["container metrics is running (unhealthy)", "health check: 1 not well", "Server is ready to receive web requests"]),
    ]

    @Test(arguments: mistakes) func aStackThatDoesNotStartSaysWhy(_ mistake: Mistake) async throws {
        try await LabProject.with { project in
            let stack = LabStack(project, port: mistake.port)
            stack.compose(replacing: mistake.old, with: mistake.new)
            let result = try await project.run("test")
            #expect(result.status == 2, "\(result)")
            for words in mistake.words { #expect(result.all.contains(words), "\(result)") }
        }
    }

    @Test func dockerOutOfReachIsExplained() async throws {
        try await LabProject.with(inventory: LabProject.app1(user: "ops")) { project in
            project.steps("- name: Containers\n  compose: {project_dir: /opt/app}")
            let result = try await project.run("test")
            #expect(result.status == 2, "\(result)")
            #expect(result.all.contains("docker on app1 does not answer"), "\(result)")
            #expect(result.all.contains("permission denied"), "\(result)")
            #expect(result.all.contains("'become: true'"), "\(result)")
        }
    }
}
