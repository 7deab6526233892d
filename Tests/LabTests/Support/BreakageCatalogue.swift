/// What `opsctl verify` guards, and how it is broken in the lab.
extension Breakage {
    /// All of them; they take a quarter of an hour.
    static let all = essential + health + targets + configuration + rules + alerting + smoke + contract + logs + dashboards + limits
        + exposure

    /// The quickest that tells whether its guard works, for each part of verify.yml.
    static let essential = [
        stopped(
            "a service is stopped", "health", container: container("blackbox-exporter"),
            red: ["blackbox-exporter health", "containers state"], words: ["exited with", "log: "]),
        stopped(
            "an exporter is stopped", "prometheus", container: "app-redis-exporter-1", on: "app1",
            red: ["target redis-exporter app1 scrape", "query targets that are down"], words: ["connection refused"]),
        edited(
            "the expression of a rule was changed", "prometheus", file: "prometheus/rules/host.yml",
            sed: "s/node_boot_time_seconds < 600/node_boot_time_seconds < 601/", reload: reloadPrometheus,
            red: ["prometheus rule definitions", files],
            words: ["host / HostRebooted: runs time() - node_boot_time_seconds < 601, pushed was"]),
        edited(
            "a scrape interval was changed", "prometheus", file: "prometheus/prometheus.yml",
            sed: "s/^  scrape_interval: 15s/  scrape_interval: 20s/", reload: reloadPrometheus, red: [files],
            words: ["not what was pushed: /etc/prometheus/prometheus.yml"]),
        stopped(
            "Loki is down", "loki", container: container("loki"),
            red: ["loki push", "loki retention", "loki last deletion run", "loki old lines", "log shipper line of a container",
                  "log shipper line of /srv/app/logs/combined.log"],
            unknown: ["loki pushed line"], words: ["exited with", "nothing was pushed"]),
        Breakage(
            "Grafana has another password", "grafana", red: ["grafana login as configured"], unknown: grafanaContent,
            words: ["expected 200, got 401", "not without a login"],
            break: grafana("reset-admin-password Another-1-of-20-characters"), repair: resetPassword),
        leak("a port is published beyond loopback", port: 9090),
        leak("somebody publishes what a service answers inside", port: 12345),
    ]

    static let files = "prometheus configuration files"

    /// A container of the shipped stack, as the profile clientforge calls it.
    static func container(_ service: String) -> String { "clientforge-\(service)" }

    /// Stops a container, and starts it again.
    static func stopped(
        _ description: String, _ tag: String, container: String, on host: String = "mon1", red: Set<String>,
        unknown: Set<String> = [], words: [String]
    ) -> Breakage {
        Breakage(
            description, tag, red: red, unknown: unknown, words: words, on: host, break: "docker stop -t 1 \(container)",
            repair: "docker start \(container)")
    }

    /// Edits a file of the stack by hand and has its service take it up; then puts it back.
    static func edited(
        _ description: String, _ tag: String, file: String, sed: String, reload: String, red: Set<String>,
        unknown: Set<String> = [], words: [String]
    ) -> Breakage {
        let path = "/opt/monitoring/config/\(file)"
        return Breakage(
            description, tag, red: red, unknown: unknown, words: words,
            break: "cp -p \(path) /tmp/proof-kept && sed -i '\(sed)' \(path) && ! cmp -s \(path) /tmp/proof-kept && \(reload)",
            repair: "cat /tmp/proof-kept > \(path) && \(reload)")
    }

    static let reloadPrometheus = "curl -sf -X POST http://127.0.0.1:9090/-/reload"
    static let reloadAlertmanager = "curl -sf -X POST http://127.0.0.1:9093/-/reload"

    // MARK: 1 and 2: containers and endpoints

    static let health = [
        Breakage(
            "a container was just restarted", "health", red: ["containers state"], words: ["loki: running"],
            break: "docker restart -t 1 \(container("loki"))", repair: "true"),
        recreated(
            "a container needs more memory than it may have",
            "s|^    command: .--config.file=/etc/blackbox.*|    entrypoint: [tail, /dev/zero]|",
            red: ["blackbox-exporter health", "containers state"],
            words: ["blackbox-exporter: restarting", "out of memory (OOMKilled, limit 64 MiB)"]),
        recreated(
            "a container is unhealthy by its own check",
            #"/O, .dev.null, .http:..127.0.0.1:9115/c\      test: [CMD-SHELL, "echo first; echo not well; exit 1"]\n"#
                + #"      interval: 1s\n      retries: 1\n      start_period: 0s"#,
            red: ["containers state"], words: ["blackbox-exporter: running (unhealthy), its health check said: not well"]),
        Breakage(
            "a container is paused", "health", red: ["blackbox-exporter health", "containers state"], words: ["paused"],
            break: "docker pause \(container("blackbox-exporter"))", repair: "docker unpause \(container("blackbox-exporter"))"),
        declared(
            "a service answers with another text", "s/body: Healthy/body: Splendid/", red: ["blackbox-exporter health"],
            words: [#"200 with "Splendid""#]),
        declared(
            "a service answers with another status", "s/path: .ready, status: 200/path: \\/ready, status: 204/", red: ["loki health"],
            words: ["expected 204"]),
    ]

    /// The catalogue on the host says something else of a service than it does.
    static func declared(_ description: String, _ sed: String, red: Set<String>, words: [String]) -> Breakage {
        let path = "/opt/monitoring/compose.yml"
        return Breakage(
            description, "health", red: red, words: words,
            break: "cp -p \(path) /tmp/proof-kept && sed -i '\(sed)' \(path) && ! cmp -s \(path) /tmp/proof-kept",
            repair: "cat /tmp/proof-kept > \(path)")
    }

    /// The blackbox-exporter with another definition in the compose file.
    static func recreated(_ description: String, _ sed: String, red: Set<String>, words: [String]) -> Breakage {
        let up = "docker compose up -d blackbox-exporter"
        return Breakage(
            description, "health", red: red, words: words,
            break: """
                cd /opt/monitoring && cp -p compose.yml /tmp/proof-kept
                sed -i '\(sed)' compose.yml && ! cmp -s compose.yml /tmp/proof-kept && \(up)
                """,
            repair: "cd /opt/monitoring && cat /tmp/proof-kept > compose.yml && \(up)")
    }

    // MARK: 3: targets

    static let targets = [
        stopped(
            "a database is away, its exporter is not", "prometheus", container: "app-postgres-1", on: "app1",
            red: ["query exporters without their database"], words: ["pg_up", #"instance="app1""#]),
        edited(
            "a target that nobody expects", "prometheus", file: "prometheus/prometheus.yml",
            sed: "s/^scrape_configs:/&\\n  - {job_name: stranger, static_configs: [{targets: [\"prometheus:9090\"]}]}/",
            reload: reloadPrometheus, red: ["prometheus targets", files], words: ["not expected: stranger prometheus:9090"]),
        edited(
            "a target is not scraped any more", "prometheus", file: "prometheus/prometheus.yml",
            sed: "/job_name: redis-exporter/,/labels:/d", reload: reloadPrometheus, red: ["prometheus targets", files],
            words: ["missing: redis-exporter app1"]),
        edited(
            "a target with the right name at another address", "prometheus", file: "prometheus/prometheus.yml",
            sed: "s/10.77.0.12:9187/10.77.0.12:9121/", reload: reloadPrometheus,
            red: ["target postgres-exporter app1 scrape", files], words: ["scraped at 10.77.0.12:9121"]),
    ]

    // MARK: 4 and 6: configuration and the way to Alertmanager

    static let configuration = [
        edited(
            "the configuration was changed on disk", "prometheus", file: "prometheus/prometheus.yml",
            sed: "s/opsctl_config: .*/opsctl_config: changed/", reload: reloadPrometheus,
            red: ["prometheus running configuration", files], words: ["got another one"]),
        Breakage(
            "the configuration was changed and put back, and not read since", "prometheus", red: ["prometheus configuration"],
            words: ["changed since"],
            break: """
                cd /opt/monitoring/config/prometheus && sleep 1
                cp prometheus.yml /tmp/proof-kept && cat /tmp/proof-kept > prometheus.yml
                """,
            repair: reloadPrometheus),
        // The container keeps the directory that it was started with; the right one is on the host, and nobody reads it.
        Breakage(
            "the mount of the configuration is stale", "prometheus", red: ["prometheus running configuration", files],
            words: ["got another one"],
            break: """
                cd /opt/monitoring/config && cp -a prometheus fresh && mv prometheus stale && mv fresh prometheus
                sed -i 's/opsctl_config: .*/opsctl_config: stale/' stale/prometheus.yml && \(reloadPrometheus)
                """,
            repair: """
                cd /opt/monitoring/config && cp -p prometheus/prometheus.yml stale/prometheus.yml
                rm -rf prometheus && mv stale prometheus && \(reloadPrometheus)
                """),
        edited(
            "a reload failed", "prometheus", file: "prometheus/prometheus.yml", sed: "s/^scrape_configs:/scrape_confgs:/",
            reload: "(\(reloadPrometheus) || true)", red: ["prometheus configuration", files], words: ["the last reload failed"]),
        edited(
            "alerts go to another Alertmanager", "prometheus", file: "prometheus/prometheus.yml",
            sed: #"s/\x27alertmanager:9093\x27/\x27alertmanager:9099\x27/"#, reload: reloadPrometheus,
            red: ["prometheus alertmanagers", files], words: ["alertmanager:9099"]),
    ]

    // MARK: 5: rules

    static let rules = [
        edited(
            "a rule has an error", "prometheus", file: "prometheus/rules/host.yml",
            sed: "s/expr: time() - node_boot_time_seconds < 600/expr: up * on () up/", reload: reloadPrometheus,
            red: ["prometheus rules", "prometheus rule definitions", files],
            words: ["host / HostRebooted", "many-to-many"]),
        edited(
            "a rule is missing", "prometheus", file: "prometheus/rules/host.yml",
            sed: "s/alert: HostRebooted/alert: HostRestarted/", reload: reloadPrometheus,
            red: ["prometheus rule names", files], words: ["missing: host / HostRebooted", "not expected: host / HostRestarted"]),
        edited(
            "an alert takes longer than it should", "prometheus", file: "prometheus/rules/watchdog.yml", sed: "s/for: 3m$/for: 4m/",
            reload: reloadPrometheus, red: ["prometheus rule definitions", files], words: ["watchdog / TargetDown: pending for 4 min"]),
    ]

    // MARK: 17 and 18: cost and retention

    static let limits = [
        Breakage(
            "the stack takes more than it may", "overhead", red: ["query processors of the host that the stack takes"],
            words: ["expected < 0 %"], break: "true", repair: "true", arguments: ["-e", "overhead_percent=0"]),
        Breakage(
            "Prometheus keeps samples for another time", "prometheus", red: ["prometheus retention"],
            words: ["expected 30d or 8GB, got 15d"],
            break: """
                cd /opt/monitoring && cp -p compose.yml /tmp/proof-kept
                sed -i s/retention.time=30d/retention.time=15d/ compose.yml && \(recreatePrometheus)
                """,
            repair: "cd /opt/monitoring && cat /tmp/proof-kept > compose.yml && \(recreatePrometheus)"),
    ]

    static let recreatePrometheus = "docker compose up -d prometheus && "
        + "until curl -sf -o /dev/null http://127.0.0.1:9090/-/ready; do sleep 0.2; done"


    // MARK: 16: exposure

    static let exposure = [
        Breakage(
            "a port is open on another address of the host", "exposure",
            red: ["port 9115 listens on", "port 9115 of 10.78.0.11 reached from the host"], words: ["10.78.0.11", "connected"],
            break: """
                ip addr add 10.78.0.11/32 dev lo
                docker run -d --name proof-leak -p 10.78.0.11:9115:9115 -e WEBHOOK_SINK_PORT=9115 lab/webhook-sink:lab
                """,
            repair: "docker rm -f proof-leak; ip addr del 10.78.0.11/32 dev lo")
    ]

    /// A container of somebody else listens on a port where this machine can reach it.
    static func leak(_ description: String, port: Int) -> Breakage {
        Breakage(
            description, "exposure", red: ["port \(port) listens on", "port \(port) of 10.77.0.11 reached from here"],
            words: ["10.77.0.11", "connected"],
            break: """
                docker run -d --name proof-leak -p 10.77.0.11:\(port):\(port) -e WEBHOOK_SINK_PORT=\(port) \
                    lab/webhook-sink:lab
                """,
            repair: "docker rm -f proof-leak")
    }
}
