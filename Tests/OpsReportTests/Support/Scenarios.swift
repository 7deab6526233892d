import OpsCore

/// Runs as an engineer meets them.
extension Scenario {
    static let push = "Push the stack"
    static let stack = "Start the stack"
    static let health = "Every service is healthy"
    static let targets = "Prometheus sees every target up"

    static func checks(_ names: [String], _ property: String = "health", _ value: String = "200") -> [Check] {
        names.map {
            Check(resource: $0, property: property, expected: value, actual: value, status: .pass, seconds: 0.012)
        }
    }

    static let services = ["prometheus", "alertmanager", "grafana", "loki", "alloy", "node-exporter", "cadvisor"]

    static let pushed: [Change] =
        [
            "compose.yml", "prometheus/prometheus.yml", "prometheus/rules/hosts.yml", "prometheus/rules/containers.yml",
            "alertmanager/alertmanager.yml", "loki/loki.yml", "alloy/config.alloy", "grafana/grafana.ini",
            "grafana/dashboards/hosts.json",
        ].map { Change(.create, "/opt/monitoring/\($0)") }

    static let ruleDiff = """
        --- before: /opt/monitoring/prometheus/rules/hosts.yml
        +++ after: /opt/monitoring/prometheus/rules/hosts.yml
        @@ -4,7 +4,7 @@
         - name: hosts
           rules:
           - alert: HostDiskFull
        -    expr: node_filesystem_avail_bytes < 5e9
        +    expr: node_filesystem_avail_bytes < 10e9
             for: 5m
             labels:
               severity: page

        """

    static var firstDeploy: Scenario {
        var run = Scenario(hosts: ["mon1", "app1"])
        run.play("Application hosts and exporters", ["app1"])
        run.connect(["mon1", "app1"])
        run.step("app1", "Docker is installed", "package")
        run.step("app1", push, "push", .changed, after: 0.3) { $0.changes = Array(pushed.prefix(2)) }
        run.start("app1", stack, "compose")
        run.wait("app1", stack, "compose", "pulling node-exporter", after: 5)
        run.wait("app1", stack, "compose", "postgres is starting", after: 5)
        run.step("app1", stack, "compose", .changed, after: 1.4) {
            $0.seconds = 11.4
            $0.changes = [Change(.start, "service node-exporter"), Change(.start, "service postgres-exporter")]
        }
        run.play("Monitoring stack", ["mon1"])
        run.step("mon1", "Docker is installed", "package")
        run.step("mon1", push, "push", .changed, after: 0.8) { $0.changes = pushed }
        run.start("mon1", stack, "compose")
        run.wait("mon1", stack, "compose", "grafana is starting", after: 12)
        run.step("mon1", stack, "compose", .changed, after: 2.1) {
            $0.seconds = 14.1
            $0.changes = services.map { Change(.start, "service \($0)") }
        }
        run.step("mon1", health, "health", after: 1.3) { $0.checks = checks(services) }
        run.step("mon1", targets, "prometheus", after: 6.2) {
            $0.checks = checks(["target node app1:9100", "target postgres app1:9187", "target prometheus"], "up", "up")
        }
        run.end()
        return run
    }

    static var secondDeploy: Scenario {
        var run = Scenario(hosts: ["mon1", "app1"])
        run.play("Application hosts and exporters", ["app1"])
        run.connect(["mon1", "app1"])
        for step in ["Docker is installed", push, stack] { run.step("app1", step, "push") }
        run.play("Monitoring stack", ["mon1"])
        for step in ["Docker is installed", push, stack] { run.step("mon1", step, "push") }
        run.step("mon1", "Reload Prometheus", "command", .skipped) { $0.message = "nothing notified it" }
        run.step("mon1", health, "health", after: 0.2) { $0.checks = checks(services) }
        run.step("mon1", targets, "prometheus", after: 0.1) {
            $0.checks = checks(["target node app1:9100", "target postgres app1:9187", "target prometheus"], "up", "up")
        }
        run.end()
        return run
    }

    static var failedTemplate: Scenario {
        var run = Scenario(hosts: ["mon1", "app1"])
        run.play("Monitoring stack", ["mon1", "app1"])
        run.connect(["mon1", "app1"])
        run.step("mon1", "Write the retention", "template", .changed) {
            $0.changes = [Change(.update, "/etc/default/prometheus", summary: "mode 0644 → 0600", diff: ruleDiff)]
        }
        run.step("app1", "Write the retention", "template", .failed) {
            $0.message = "undefined variable 'retenton_days'"
            $0.diagnostic = Diagnostic(
                code: "undefined-variable", "undefined variable 'retenton_days'",
                at: SourceLocation(file: "playbooks/monitoring/prometheus.yml.j2", line: 3, column: 15),
                hints: ["did you mean 'retention_days'?"],
                trail: [
                    .init(
                        "rendered by this step", at: SourceLocation(file: "playbooks/deploy.yml", line: 31, column: 7))
                ])
        }
        run.step("mon1", health, "health") { $0.checks = checks(["prometheus"]) }
        run.end()
        return run
    }

    static var unreachableHost: Scenario {
        var run = Scenario(hosts: ["mon1", "app1"])
        run.play("Monitoring stack", ["mon1", "app1"])
        run.connect(["mon1"])
        run.step("mon1", push, "push")
        run.step("app1", "Connect", "connect", .unreachable, after: 10) {
            $0.diagnostic = Diagnostic(
                code: "connect-timeout", "no answer from 10.77.0.12 port 22 within 10 s",
                hints: ["check that the host is up and that a firewall lets you in", "try: ssh deploy@10.77.0.12"])
        }
        run.step("mon1", health, "health") { $0.checks = checks(services) }
        run.end()
        return run
    }

    static var crashLoop: Scenario {
        var run = Scenario(hosts: ["mon1"])
        run.play("Monitoring stack", ["mon1"])
        run.connect(["mon1"])
        run.step("mon1", push, "push", .changed, after: 0.2) {
            $0.changes = [Change(.update, "/opt/monitoring/loki/loki.yml", diff: ruleDiff)]
        }
        run.start("mon1", stack, "compose")
        run.wait("mon1", stack, "compose", "loki is restarting (3 times so far)", after: 11)
        run.step("mon1", stack, "compose", .failed, after: 1.5) {
            $0.seconds = 12.5
            $0.message = "service loki keeps crashing: exit code 1, 4 restarts in 12 s"
            $0.changes = [Change(.restart, "service loki", summary: "/opt/monitoring/loki changed")]
            $0.stderr = """
                level=info ts=2026-11-21T09:30:11Z caller=main.go:103 msg="Starting Loki"
                failed parsing config: /etc/loki/loki.yml: yaml: unmarshal errors:
                  line 14: field retention_perod not found in type validation.Limits

                """
            $0.diagnostic = Diagnostic(
                code: "crash-loop", "service loki keeps crashing: exit code 1, 4 restarts in 12 s",
                hints: ["the whole log: opsctl logs loki production"])
        }
        run.end()
        return run
    }

    static func verify(red: Bool) -> Scenario {
        var run = Scenario("verify", hosts: ["mon1"], playbook: "playbooks/verify.yml")
        run.play("Verify", ["mon1"])
        run.connect(["mon1"])
        run.step("mon1", health, "health", red ? .failed : .ok, after: red ? 30 : 0.4) {
            $0.checks = checks(services)
            guard red else { return }
            $0.checks[2].status = .fail
            $0.checks[2].actual = "connection refused"
            $0.checks[2].seconds = 30
            $0.checks[2].details = [
                "container grafana is restarting, exit code 1, 5 restarts",
                "Error: ✗ Failed to start: Datasource provisioning error: data source not found",
            ]
            $0.checks[6].status = .skip
            $0.checks[6].actual = "not enabled"
        }
        run.step("mon1", targets, "prometheus", red ? .failed : .ok) {
            $0.checks = checks(["target node app1:9100", "target postgres app1:9187"], "up", "up")
            guard red else { return }
            $0.checks[1].status = .unknown
            $0.checks[1].actual = "prometheus does not know it"
        }
        run.end()
        return run
    }

    static var interrupted: Scenario {
        var run = Scenario(hosts: ["mon1", "app1", "app2"])
        run.play("Monitoring stack", ["mon1", "app1", "app2"])
        run.connect(["mon1", "app1"])
        run.step("mon1", push, "push", .changed) { $0.changes = Array(pushed.prefix(1)) }
        run.start("mon1", stack, "compose")
        run.start("app1", stack, "compose")
        run.wait("mon1", stack, "compose", "grafana is starting", after: 3)
        run.step("mon1", stack, "compose", .failed, after: 0.1) {
            $0.message = "interrupted; the command on the host was ended"
        }
        run.step("app1", stack, "compose", .failed, after: 0.1) {
            $0.message = "interrupted; the command on the host was ended"
        }
        run.end(interrupted: true, notStarted: ["app2"])
        return run
    }

    static var fleet: Scenario {
        let hosts = (1...30).map { "web" + ($0 < 10 ? "0" : "") + String($0) }
        var run = Scenario(hosts: hosts)
        run.play("Exporters", hosts)
        run.connect(hosts)
        for host in hosts {
            run.start(host, push, "push")
        }
        for host in hosts where host != "web17" {
            run.step(host, push, "push", .changed, after: 0.02) {
                $0.changes = [Change(.update, "/opt/exporters/compose.yml", diff: ruleDiff)]
                if host == "web03" { $0.changes.append(Change(.delete, "/opt/exporters/old.yml")) }
            }
            run.start(host, stack, "compose")
        }
        run.step("web17", push, "push", .unreachable, after: 5) {
            $0.message = "connection lost: no answer for 15 s"
        }
        for host in hosts where host != "web17" {
            if ["web08", "web21", "web22"].contains(host) {
                run.step(host, stack, "compose", .failed, after: 0.02) {
                    $0.message = "docker compose up failed: exit code 1"
                    $0.stderr =
                        "Error response from daemon: driver failed programming external connectivity: port 9100 is taken\n"
                }
                continue
            }
            run.step(host, stack, "compose", .changed, after: 0.02) {
                $0.changes = [Change(.restart, "service node-exporter")]
            }
            run.step(host, health, "health", after: 0.02) { $0.checks = checks(["node-exporter"]) }
        }
        run.end(roundTrips: 180)
        return run
    }

    static var calmFleet: Scenario {
        let hosts = (10...39).map { "web\($0)" }
        var run = Scenario(hosts: hosts)
        run.play("Exporters", hosts)
        run.connect(hosts)
        for host in hosts {
            run.step(host, push, "push", after: 0.002)
            run.step(host, stack, "compose", after: 0.002)
            run.step(host, health, "health", after: 0.002) { $0.checks = checks(["node-exporter", "cadvisor"]) }
        }
        run.end(roundTrips: 90)
        return run
    }

    static var hostile: Scenario {
        var run = Scenario(hosts: ["evil\u{1B}[2J"])
        let host = "evil\u{1B}[2J"
        run.play("Hostile \u{202E}yalp", [host])
        run.step(host, "Say something", "debug", .ok) {
            $0.message = "hello\u{1B}]0;owned\u{7} \u{1B}[31mred\u{1B}[0m\u{8}\u{8}\u{8}"
        }
        run.start(host, "Print without end", "command")
        run.wait(host, "Print without end", "command", "\u{1B}[1A\u{1B}[2Kall good\rreally", after: 11)
        run.step(host, "Print without end", "command", .failed, after: 1) {
            $0.message = "exit code 1"
            $0.stdout = (1...500).map { "line \($0)" }.joined(separator: "\n")
            $0.stderr =
                String(repeating: "A", count: 100_000) + "\n\u{9B}31m\u{0}" + String(repeating: "\u{301}", count: 50)
        }
        run.end()
        return run
    }

    static var loops: Scenario {
        var run = Scenario("run", hosts: ["mon1"], playbook: "playbooks/users.yml")
        run.play("Users", ["mon1"])
        run.connect(["mon1"])
        for (user, outcome) in [("ada", Outcome.ok), ("brian", .changed), ("charles", .changed)] {
            run.step("mon1", "Users exist", "user", outcome) {
                $0.item = user
                if outcome == .changed { $0.changes = [Change(.create, "user \(user)")] }
            }
        }
        run.step("mon1", "Users exist", "user", .changed)
        run.step("mon1", "Keys are there", "copy") { $0.item = "ada" }
        run.step("mon1", "Keys are there", "copy", .failed) {
            $0.item = "brian"
            $0.message = "no file keys/brian.pub"
            $0.diagnostic = Diagnostic(
                code: "no-file", "no file keys/brian.pub", at: $0.ref.location,
                hints: ["looked in playbooks/files and playbooks"])
        }
        run.step("mon1", "Keys are there", "copy", .failed) { $0.message = "1 of 2 items failed" }
        run.end()
        return run
    }

    static let all: [(name: String, run: Scenario)] = [
        ("first-deploy", firstDeploy), ("second-deploy", secondDeploy), ("failed-template", failedTemplate),
        ("unreachable-host", unreachableHost), ("crash-loop", crashLoop), ("verify-green", verify(red: false)),
        ("verify-red", verify(red: true)), ("interrupted", interrupted), ("fleet", fleet), ("calm-fleet", calmFleet),
        ("hostile", hostile),
        ("loops", loops),
    ]
}

/// The files that the scenarios' diagnostics point into.
@Sendable func scenarioSource(_ file: String) -> String? {
    guard file == "playbooks/monitoring/prometheus.yml.j2" else { return nil }
    return """
        global:
          scrape_interval: 15s
        retention: {{ retenton_days }}d

        """
}
