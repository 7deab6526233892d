/// What `opsctl verify` guards, and how it is broken in the lab.
extension Breakage {
    /// All of them; they take a quarter of an hour.
    static let all = essential + health + targets + configuration + rules + alerting + smoke + logs + dashboards + limits + exposure

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
            red: ["prometheus rule definitions", files], words: ["host / HostRebooted: runs time() - node_boot_time_seconds < 601, pushed was"]),
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

    private static let files = "prometheus configuration files"

    /// A container of the shipped stack, as the profile clientforge calls it.
    private static func container(_ service: String) -> String { "clientforge-\(service)" }

    /// Stops a container, and starts it again.
    private static func stopped(
        _ description: String, _ tag: String, container: String, on host: String = "mon1", red: Set<String>,
        unknown: Set<String> = [], words: [String]
    ) -> Breakage {
        Breakage(
            description, tag, red: red, unknown: unknown, words: words, on: host, break: "docker stop -t 1 \(container)",
            repair: "docker start \(container)")
    }

    /// Edits a file of the stack by hand and has its service take it up; then puts it back.
    private static func edited(
        _ description: String, _ tag: String, file: String, sed: String, reload: String, red: Set<String>,
        unknown: Set<String> = [], words: [String]
    ) -> Breakage {
        let path = "/opt/monitoring/config/\(file)"
        return Breakage(
            description, tag, red: red, unknown: unknown, words: words,
            break: "cp -p \(path) /tmp/proof-kept && sed -i '\(sed)' \(path) && ! cmp -s \(path) /tmp/proof-kept && \(reload)",
            repair: "cat /tmp/proof-kept > \(path) && \(reload)")
    }

    private static let reloadPrometheus = "curl -sf -X POST http://127.0.0.1:9090/-/reload"
    private static let reloadAlertmanager = "curl -sf -X POST http://127.0.0.1:9093/-/reload"

    // MARK: 1 and 2: containers and endpoints

    private static let health = [
        Breakage(
            "a container was just restarted", "health", red: ["containers state"], words: ["loki: running"],
            break: "docker restart -t 1 \(container("loki"))", repair: "true"),
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
    private static func declared(_ description: String, _ sed: String, red: Set<String>, words: [String]) -> Breakage {
        let path = "/opt/monitoring/compose.yml"
        return Breakage(
            description, "health", red: red, words: words,
            break: "cp -p \(path) /tmp/proof-kept && sed -i '\(sed)' \(path) && ! cmp -s \(path) /tmp/proof-kept",
            repair: "cat /tmp/proof-kept > \(path)")
    }

    // MARK: 3: targets

    private static let targets = [
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

    private static let configuration = [
        edited(
            "the configuration was changed on disk", "prometheus", file: "prometheus/prometheus.yml",
            sed: "s/opsctl_config: .*/opsctl_config: changed/", reload: reloadPrometheus,
            red: ["prometheus running configuration", files], words: ["got another one"]),
        Breakage(
            "the configuration was changed and put back, and not read since", "prometheus", red: ["prometheus configuration"],
            words: ["changed since"],
            break: "cd /opt/monitoring/config/prometheus && sleep 1 && cp prometheus.yml /tmp/proof-kept && cat /tmp/proof-kept > prometheus.yml",
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

    private static let rules = [
        edited(
            "a rule has an error", "prometheus", file: "prometheus/rules/host.yml",
            sed: "s/expr: time() - node_boot_time_seconds < 600/expr: up * on () up/", reload: reloadPrometheus,
            red: ["prometheus rules", "prometheus rule definitions", files], words: ["host / HostRebooted", "many-to-many"]),
        edited(
            "a rule is missing", "prometheus", file: "prometheus/rules/host.yml",
            sed: "s/alert: HostRebooted/alert: HostRestarted/", reload: reloadPrometheus,
            red: ["prometheus rule names", files], words: ["missing: host / HostRebooted", "not expected: host / HostRestarted"]),
        edited(
            "an alert takes longer than it should", "prometheus", file: "prometheus/rules/watchdog.yml", sed: "s/for: 3m$/for: 4m/",
            reload: reloadPrometheus, red: ["prometheus rule definitions", files], words: ["watchdog / TargetDown: pending for 4 min"]),
    ]

    // MARK: 7, 13 and 14: Alertmanager

    private static let alerting = [
        edited(
            "a receiver that nobody knows", "alertmanager", file: "alertmanager/alertmanager.yml",
            sed: "s/^receivers:/&\\n  - name: stranger/", reload: reloadAlertmanager,
            red: ["alertmanager receivers"], words: ["stranger"]),
        edited(
            "test alerts are routed to somebody else", "alertmanager", file: "alertmanager/alertmanager.yml",
            sed: "s/receiver: selftest$/receiver: blackhole/", reload: reloadAlertmanager,
            red: delivery.union(["alertmanager test alert"]), unknown: ["receiver selftest its resolution"], words: ["active for blackhole"]),
        stopped(
            "the receiver of alerts is dead", "alertmanager", container: "app-webhook-sink-1", on: "app1",
            red: delivery, unknown: ["receiver selftest its resolution"], words: ["onnection refused", "failed"]),
        edited(
            "the end of an alert is not told", "alertmanager", file: "alertmanager/alertmanager.yml",
            sed: "/selftest\", send/s/send_resolved: true/send_resolved: false/", reload: reloadAlertmanager,
            red: ["receiver selftest its resolution"], words: ["not there yet"]),
        // Alertmanager would keep the alert for four minutes more; it keeps none when it is restarted.
        edited(
            "the alert that always fires is gone", "alertmanager", file: "prometheus/rules/watchdog.yml",
            sed: "s/alert: Watchdog$/alert: Watchcat/",
            reload: "\(reloadPrometheus) && \(restart("alertmanager", ready: "http://127.0.0.1:9093/-/ready"))",
            red: ["alertmanager alert Watchdog"], words: ["expected present, got absent"]),
        stopped(
            "the dead man's switch is not heard", "prometheus", container: "app-webhook-sink-1", on: "app1",
            red: ["query notifications that fail"], words: [#"integration="webhook", receiver_name="deadman""#]),
    ]

    private static let delivery: Set<String> = ["receiver selftest test alert by webhook", "receiver selftest test alert arrived"]

    /// Restarts a service and waits until it is ready.
    private static func restart(_ service: String, ready: String) -> String {
        "docker restart -t 1 \(container(service)) && until curl -sf -o /dev/null \(ready); do sleep 0.2; done"
    }

    // MARK: 10 and 11: the application and its metrics

    private static let smoke = [
        Breakage(
            "the application is down", "smoke",
            red: ["smoke http://10.77.0.12:3000/api/v1/health answers", "smoke http://10.77.0.12:3000/api/v1/health latency p95",
                  "prometheus requests counted", "loki requests logged"],
            words: ["refused"], on: "app1", break: "docker stop -t 1 app-backend-1",
            repair: "docker start app-backend-1 && until curl -sf -o /dev/null http://10.77.0.12:3000/api/v1/health; do sleep 0.5; done"),
        edited(
            "the application's requests are not counted", "smoke", file: "prometheus/prometheus.yml",
            sed: "s/^  - job_name: backend$/&\\n    metric_relabel_configs: [{source_labels: [__name__], regex: http_requests_total, action: drop}]/",
            reload: reloadPrometheus, red: ["prometheus requests counted"], words: ["expected at least 25 more, got 0 more"]),
        stopped(
            "Prometheus is down", "smoke", container: container("prometheus"), red: [], unknown: ["prometheus requests counted"],
            words: ["exited with"]),
    ]

    // MARK: 9 to 12, 18: logs

    private static let logs = [
        stopped(
            "the log shipper is stopped", "loki", container: container("alloy"),
            red: ["log shipper line of a container", "log shipper line of /srv/app/logs/combined.log"], words: ["not there"]),
        edited(
            "Loki keeps lines for another time", "loki", file: "loki/loki.yaml",
            sed: "s/retention_period: 168h/retention_period: 240h/",
            reload: restart("loki", ready: "http://127.0.0.1:3100/ready"), red: ["loki retention"], words: ["expected 168h, got"]),
        edited(
            "Loki refuses lines", "loki", file: "loki/loki.yaml",
            sed: "s/max_label_names_per_series: 15/max_label_names_per_series: 1/",
            reload: restart("loki", ready: "http://127.0.0.1:3100/ready"),
            red: ["loki push", "log shipper line of a container", "log shipper line of /srv/app/logs/combined.log"],
            unknown: ["loki pushed line"], words: ["limit 1", "nothing was pushed"]),
        stopped(
            "the application's log is not shipped", "smoke", container: "app-log-shipper-1", on: "app1",
            red: ["loki requests logged"], words: ["expected 25, got 0"]),
        Breakage(
            "the application's log is shipped twice", "smoke", red: ["loki requests logged"],
            words: ["expected 25, got 50", "is the same log shipped twice?"], on: "app1",
            break: """
                mkdir -p /tmp/proof-alloy && sed 's/host = "app1"/host = "again"/' /opt/app/alloy/app.alloy > /tmp/proof-alloy/app.alloy
                docker run -d --name proof-shipper --network app_default -v /tmp/proof-alloy:/etc/alloy:ro \
                    -v /var/run/docker.sock:/var/run/docker.sock:ro -e LAB_LOKI_URL=http://10.77.0.11:3110/loki/api/v1/push \
                    lab/stand-in-alloy:lab run /etc/alloy --storage.path=/tmp
                """,
            repair: "docker rm -f proof-shipper; rm -rf /tmp/proof-alloy"),
    ]

    // MARK: 8: Grafana

    private static func grafana(_ command: String) -> String {
        "docker exec \(container("grafana")) grafana cli --homepath /usr/share/grafana admin \(command)"
    }

    private static let resetPassword = "docker exec -i \(container("grafana")) sh -c 'grafana cli --homepath /usr/share/grafana admin "
        + "reset-admin-password --password-from-stdin < /run/opsctl/admin_password'"

    private static let dashboards = [
        Breakage(
            "Grafana has the password it is installed with", "grafana",
            red: ["grafana login as configured", "grafana login as installed"], unknown: grafanaContent,
            words: ["expected 401, got 200"],
            // The last attempt may have been a moment ago.
            break: grafana("reset-admin-password admin") + " && rm -f /opt/monitoring/.opsctl/grafana-login", repair: resetPassword),
        Breakage(
            "a dashboard is missing", "grafana", red: ["grafana dashboards"], unknown: ["dashboard opsctl-host panels"],
            words: ["missing: opsctl-host"],
            break: "mv /opt/monitoring/config/grafana/dashboards/opsctl-host.json /tmp/proof-kept.json",
            repair: "mv /tmp/proof-kept.json /opt/monitoring/config/grafana/dashboards/opsctl-host.json"),
        Breakage(
            "a panel asks for a metric that nobody exports", "grafana", red: ["dashboard opsctl-host panels"],
            words: ["Load per core: no data"],
            break: "cd /opt/monitoring/config/grafana/dashboards && cp -p opsctl-host.json /tmp/proof-kept && sed -i s/node_load1/node_lod1/ opsctl-host.json",
            repair: "cat /tmp/proof-kept > /opt/monitoring/config/grafana/dashboards/opsctl-host.json"),
        edited(
            "anybody may look at Grafana", "grafana", file: "grafana/grafana.ini",
            sed: "/auth.anonymous/,/enabled/s/enabled = false/enabled = true/", reload: restartGrafana,
            red: ["grafana anonymous access"], words: ["expected 401, got 200"]),
        Breakage(
            "somebody deleted a data source", "grafana", red: ["grafana data sources"], unknown: ["data source loki health"],
            words: ["got alertmanager, prometheus", "not there"],
            break: """
                cd /opt/monitoring/secrets/grafana && curl -sf -o /dev/null -X DELETE \
                    -u "$(cat admin_user):$(cat admin_password)" http://127.0.0.1:3005/api/datasources/uid/loki
                """,
            repair: restartGrafana),
        edited(
            "a data source leads nowhere", "grafana", file: "grafana/provisioning/datasources/datasources.yml",
            sed: "s,http://alertmanager:9093,http://alertmanager:9099,", reload: restartGrafana,
            red: ["data source alertmanager health"], words: ["expected OK, got ERROR"]),
        stopped(
            "Grafana is down", "grafana", container: container("grafana"), red: ["grafana health"],
            unknown: grafanaContent.union([
                "grafana database", "grafana login as configured", "grafana anonymous access", "grafana login as installed",
            ]),
            words: ["exited with", "grafana does not answer"]),
    ]

    private static let restartGrafana = restart("grafana", ready: "http://127.0.0.1:3005/api/health")

    /// What only somebody who is logged in can see.
    private static let grafanaContent: Set<String> = {
        let dashboards = [
            "alerts", "api", "containers", "dbinfra", "host", "logs", "overview", "postgres", "probes", "redis", "self", "tenants",
            "worker",
        ]
        return Set(["alertmanager", "loki", "prometheus"].map { "data source \($0) health" } + dashboards.map { "dashboard opsctl-\($0) panels" })
            .union(["grafana data sources", "grafana dashboards", "grafana dashboards from files"])
    }()

    // MARK: 17 and 18: cost and retention

    private static let limits = [
        Breakage(
            "the stack takes more than it may", "overhead", red: ["query processors of the host that the stack takes"],
            words: ["expected < 0 %"], break: "true", repair: "true", arguments: ["-e", "overhead_percent=0"]),
        Breakage(
            "Prometheus keeps samples for another time", "prometheus", red: ["prometheus retention"], words: ["expected 30d or 8GB, got 15d"],
            break: "cd /opt/monitoring && cp -p compose.yml /tmp/proof-kept && sed -i s/retention.time=30d/retention.time=15d/ compose.yml && \(recreatePrometheus)",
            repair: "cd /opt/monitoring && cat /tmp/proof-kept > compose.yml && \(recreatePrometheus)"),
    ]

    private static let recreatePrometheus = "docker compose up -d prometheus && until curl -sf -o /dev/null http://127.0.0.1:9090/-/ready; do sleep 0.2; done"


    // MARK: 16: exposure

    private static let exposure = [
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
    private static func leak(_ description: String, port: Int) -> Breakage {
        Breakage(
            description, "exposure", red: ["port \(port) listens on", "port \(port) of 10.77.0.11 reached from here"],
            words: ["10.77.0.11", "connected"],
            break: "docker run -d --name proof-leak -p 10.77.0.11:\(port):\(port) -e WEBHOOK_SINK_PORT=\(port) lab/webhook-sink:lab",
            repair: "docker rm -f proof-leak")
    }
}
