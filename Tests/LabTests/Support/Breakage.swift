/// Something that breaks on the deployed stack, the checks that must notice, and how to repair it.
struct Breakage: Sendable, CustomStringConvertible {
    var description: String
    /// The part of verify.yml that guards it.
    var tag: String
    /// The checks that turn red: resource and property.
    var red: Set<String>
    /// What the output says of it.
    var words: [String]
    var breaking: @Sendable () async throws -> Void
    var repairing: @Sendable () async throws -> Void
    /// More arguments for `verify`.
    var arguments: [String] = []

    /// Broken and repaired by scripts on a host.
    init(
        _ description: String, _ tag: String, red: Set<String>, words: [String], on host: String = "mon1",
        break breaking: String, repair: String, arguments: [String] = []
    ) {
        self.description = description
        self.tag = tag
        self.red = red
        self.words = words
        self.arguments = arguments
        self.breaking = { try await Lab.shell(host, breaking) }
        self.repairing = { try await Lab.shell(host, repair) }
    }

    static let all = health + targets + configuration + rules + alerting + logs + dashboards + exposure

    /// A container of the shipped stack, as the profile clientforge calls it.
    private static func container(_ service: String) -> String { "clientforge-\(service)" }

    /// Stops a container, and starts it again.
    private static func stopped(
        _ description: String, _ tag: String, container: String, on host: String = "mon1", red: Set<String>, words: [String]
    ) -> Breakage {
        Breakage(
            description, tag, red: red, words: words, on: host, break: "docker stop -t 1 \(container)",
            repair: "docker start \(container)")
    }

    /// Edits a file of the stack by hand and has its service take it up; then puts it back.
    private static func edited(
        _ description: String, _ tag: String, file: String, sed: String, reload: String, red: Set<String>, words: [String]
    ) -> Breakage {
        let path = "/opt/monitoring/config/\(file)"
        return Breakage(
            description, tag, red: red, words: words,
            break: "cp -p \(path) /tmp/proof-kept && sed -i '\(sed)' \(path) && ! cmp -s \(path) /tmp/proof-kept && \(reload)",
            repair: "cat /tmp/proof-kept > \(path) && \(reload)")
    }

    private static let reloadPrometheus = "curl -sf -X POST http://127.0.0.1:9090/-/reload"
    private static let reloadAlertmanager = "curl -sf -X POST http://127.0.0.1:9093/-/reload"

    // MARK: 1 and 2: containers and endpoints

    private static let health = [
        stopped(
            "a service is stopped", "health", container: container("blackbox-exporter"),
            red: ["blackbox-exporter health", "containers state"], words: ["exited with", "log: "]),
        Breakage(
            "a container was just restarted", "health", red: ["containers state"], words: ["loki: running"],
            break: "docker restart -t 1 \(container("loki"))", repair: "true"),
    ]

    // MARK: 3: targets

    private static let targets = [
        stopped(
            "an exporter is stopped", "prometheus", container: "app-redis-exporter-1", on: "app1",
            red: ["target redis-exporter app1 scrape", "query targets that are down"], words: ["connection refused"]),
        stopped(
            "a database is away, its exporter is not", "prometheus", container: "app-postgres-1", on: "app1",
            red: ["query exporters without their database"], words: ["pg_up", #"instance="app1""#]),
        edited(
            "a target that nobody expects", "prometheus", file: "prometheus/prometheus.yml",
            sed: "s/^scrape_configs:/&\\n  - {job_name: stranger, static_configs: [{targets: [\"prometheus:9090\"]}]}/",
            reload: reloadPrometheus, red: ["prometheus targets"], words: ["not expected: stranger prometheus:9090"]),
        edited(
            "a target with the right name at another address", "prometheus", file: "prometheus/prometheus.yml",
            sed: "s/10.77.0.12:9187/10.77.0.12:9121/", reload: reloadPrometheus,
            red: ["target postgres-exporter app1 scrape"], words: ["scraped at 10.77.0.12:9121"]),
    ]

    // MARK: 4 and 6: configuration and the way to Alertmanager

    private static let configuration = [
        edited(
            "the configuration was changed on disk", "prometheus", file: "prometheus/prometheus.yml",
            sed: "s/opsctl_config: .*/opsctl_config: changed/", reload: reloadPrometheus,
            red: ["prometheus running configuration"], words: ["got another one"]),
        // The container keeps the directory that it was started with; the right one is on the host, and nobody reads it.
        Breakage(
            "the mount of the configuration is stale", "prometheus", red: ["prometheus running configuration"],
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
            reload: "(\(reloadPrometheus) || true)", red: ["prometheus configuration"], words: ["the last reload failed"]),
        edited(
            "alerts go to another Alertmanager", "prometheus", file: "prometheus/prometheus.yml",
            sed: #"s/\x27alertmanager:9093\x27/\x27alertmanager:9099\x27/"#, reload: reloadPrometheus,
            red: ["prometheus alertmanagers"], words: ["alertmanager:9099"]),
    ]

    // MARK: 5: rules

    private static let rules = [
        edited(
            "a rule has an error", "prometheus", file: "prometheus/rules/host.yml",
            sed: "s/expr: time() - node_boot_time_seconds < 600/expr: up * on () up/", reload: reloadPrometheus,
            red: ["prometheus rules"], words: ["host / HostRebooted", "many-to-many"]),
        edited(
            "a rule is missing", "prometheus", file: "prometheus/rules/host.yml",
            sed: "s/alert: HostRebooted/alert: HostRestarted/", reload: reloadPrometheus,
            red: ["prometheus rule names"], words: ["missing: host / HostRebooted", "not expected: host / HostRestarted"]),
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
            red: ["alertmanager test alert", "alertmanager notification by webhook", "receiver selftest test alert"],
            words: ["active for blackhole"]),
        stopped(
            "the receiver of alerts is dead", "alertmanager", container: "app-webhook-sink-1", on: "app1",
            red: ["alertmanager notification by webhook", "receiver selftest test alert"], words: ["onnection refused"]),
        stopped(
            "the dead man's switch is not heard", "prometheus", container: "app-webhook-sink-1", on: "app1",
            red: ["query notifications that fail"], words: [#"integration="webhook""#]),
    ]

    // MARK: 9 to 12, 18: logs

    private static let logs = [
        stopped(
            "Loki is down", "loki", container: container("loki"),
            red: ["Loki returns what is pushed and shipped, and deletes lines as declared step"], words: ["exited with"]),
        stopped(
            "the log shipper is stopped", "loki", container: container("alloy"),
            red: ["log shipper line of a container", "log shipper line of /srv/app/logs/combined.log"], words: ["not there"]),
        edited(
            "Loki keeps lines for another time", "loki", file: "loki/loki.yaml",
            sed: "s/retention_period: 168h/retention_period: 240h/",
            reload: "docker restart -t 1 \(container("loki")) && until curl -sf http://127.0.0.1:3100/ready; do sleep 0.2; done",
            red: ["loki retention"], words: ["expected 168h, got"]),
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
            "Grafana has another password", "grafana", red: ["grafana login as configured"], words: ["expected 200, got 401"],
            break: grafana("reset-admin-password Another-1-of-20-characters"), repair: resetPassword),
        Breakage(
            "Grafana has the password it is installed with", "grafana",
            red: ["grafana login as configured", "grafana login as installed"], words: ["expected 401, got 200"],
            // The last attempt may have been a moment ago.
            break: grafana("reset-admin-password admin") + " && rm -f /opt/monitoring/.opsctl/grafana-login", repair: resetPassword),
        Breakage(
            "a dashboard is missing", "grafana", red: ["grafana dashboards"], words: ["missing: opsctl-host"],
            break: "mv /opt/monitoring/config/grafana/dashboards/opsctl-host.json /tmp/proof-kept.json",
            repair: "mv /tmp/proof-kept.json /opt/monitoring/config/grafana/dashboards/opsctl-host.json"),
        Breakage(
            "a panel asks for a metric that nobody exports", "grafana", red: ["dashboard opsctl-host panels"],
            words: ["Load per core: no data"],
            break: "cd /opt/monitoring/config/grafana/dashboards && cp -p opsctl-host.json /tmp/proof-kept && sed -i s/node_load1/node_lod1/ opsctl-host.json",
            repair: "cat /tmp/proof-kept > /opt/monitoring/config/grafana/dashboards/opsctl-host.json"),
    ]

    // MARK: 16: exposure

    private static let exposure = [
        Breakage(
            "a port is published beyond loopback", "exposure",
            red: ["port 9090 listens on", "port 9090 of 10.77.0.11 reached from here"], words: ["10.77.0.11", "connected"],
            break: "docker run -d --name proof-leak -p 10.77.0.11:9090:9090 -e WEBHOOK_SINK_PORT=9090 lab/webhook-sink:lab",
            repair: "docker rm -f proof-leak")
    ]
}
