/// Breaks of Alertmanager, the application, the logs and Grafana.
extension Breakage {
    // MARK: 7, 13 and 14: Alertmanager

    static let alerting = [
        edited(
            "a receiver that nobody knows", "alertmanager", file: "alertmanager/alertmanager.yml",
            sed: "s/^receivers:/&\\n  - name: stranger/", reload: reloadAlertmanager,
            red: ["alertmanager receivers"], words: ["stranger"]),
        edited(
            "test alerts are routed to somebody else", "alertmanager", file: "alertmanager/alertmanager.yml",
            sed: "s/receiver: selftest$/receiver: blackhole/", reload: reloadAlertmanager,
            red: delivery.union(["alertmanager test alert"]), unknown: ["receiver selftest its resolution"],
            words: ["active for blackhole"]),
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
        unheard,
    ]

    /// Alertmanager speaks to the dead man's switch once a minute, and a scrape or two later Prometheus knows that it failed:
    /// longer than a proof waits. So it is broken only once a request has failed.
    private static let unheard: Breakage = {
        var breakage = stopped(
            "the dead man's switch is not heard", "prometheus", container: "app-webhook-sink-1", on: "app1",
            red: ["query notifications that fail"], words: [#"integration="webhook", receiver_name="deadman""#])
        let stop = breakage.breaking
        breakage.breaking = {
            try await stop()
            try await Lab.shell("mon1", """
                count() { curl -sf http://127.0.0.1:9093/metrics | awk '/^alertmanager_notification_requests_failed_total.*deadman/ {n += $2} END {print n + 0}'; }
                before=$(count)
                for attempt in $(seq 180); do [ "$(count)" -gt "$before" ] && exit; sleep 0.5; done; exit 1
                """)
        }
        return breakage
    }()

    static let delivery: Set<String> = ["receiver selftest test alert by webhook", "receiver selftest test alert arrived"]

    /// Restarts a service and waits until it is ready.
    static func restart(_ service: String, ready: String) -> String {
        "docker restart -t 1 \(container(service)) && until curl -sf -o /dev/null \(ready); do sleep 0.2; done"
    }

    // MARK: 10 and 11: the application and its metrics

    static let dropped = "[{source_labels: [__name__], regex: http_requests_total, action: drop}]"

    static let smoke = [
        Breakage(
            "the application is down", "smoke",
            red: ["smoke http://10.77.0.12:3000/api/v1/health answers", "smoke http://10.77.0.12:3000/api/v1/health latency p95",
                  "prometheus requests counted", "loki requests logged"],
            words: ["refused"], on: "app1", break: "docker stop -t 1 app-backend-1",
            repair: "docker start app-backend-1 && until curl -sf -o /dev/null http://10.77.0.12:3000/api/v1/health; do sleep 0.5; done"),
        edited(
            "the application's requests are not counted", "smoke", file: "prometheus/prometheus.yml",
            sed: "s/^  - job_name: backend$/&\\n    metric_relabel_configs: \(dropped)/",
            reload: reloadPrometheus, red: ["prometheus requests counted"], words: ["expected at least 25 more, got 0 more"]),
        stopped(
            "Prometheus is down", "smoke", container: container("prometheus"), red: [], unknown: ["prometheus requests counted"],
            words: ["exited with"]),
    ]

    // MARK: 11b: what applications export

    static let contract = [
        Breakage(
            "an application's metrics have a type that Prometheus 3 refuses", "metrics", red: ["target backend app1 metrics"],
            words: ["got Content-Type text/html", "Prometheus 3 takes text/plain"],
            break: "\(tune)?metrics_as_html=1", repair: "\(tune)?metrics_as_html=0"),
        stopped(
            "an application's metrics are not there", "metrics", container: "app-worker-1", on: "app1",
            red: ["target worker app1 metrics"], words: ["refused"]),
        Breakage(
            "an application lacks a metric that its profile names", "metrics", red: ["target backend app1 metrics"],
            words: ["got without http_request_secs"], break: "true", repair: "true",
            arguments: [
                "-e",
                #"{"expected_exports": [{"job": "backend", "instance": "app1", "metrics": ["http_requests_total", "http_request_secs"]}, "#
                    + #"{"job": "worker", "instance": "app1", "metrics": []}]}"#,
            ]),
    ]

    static let tune = "curl -sf -o /dev/null -X POST http://10.77.0.12:3000/tune"

    // MARK: 9 to 12, 18: logs

    static let logs = [
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

    static func grafana(_ command: String) -> String {
        "docker exec \(container("grafana")) grafana cli --homepath /usr/share/grafana admin \(command)"
    }

    static let resetPassword = "docker exec -i \(container("grafana")) sh -c 'grafana cli --homepath /usr/share/grafana admin "
        + "reset-admin-password --password-from-stdin < /run/opsctl/admin_password'"

    static let dashboards = [
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
            break: """
                cd /opt/monitoring/config/grafana/dashboards
                cp -p opsctl-host.json /tmp/proof-kept && sed -i s/node_load1/node_lod1/ opsctl-host.json
                """,
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

    static let restartGrafana = restart("grafana", ready: "http://127.0.0.1:3005/api/health")

    /// What only somebody who is logged in can see.
    static let grafanaContent: Set<String> = {
        let dashboards = [
            "alerts", "api", "containers", "dbinfra", "host", "logs", "overview", "postgres", "probes", "redis", "self", "tenants",
            "worker",
        ]
        let sources = ["alertmanager", "loki", "prometheus"].map { "data source \($0) health" }
        return Set(sources + dashboards.map { "dashboard opsctl-\($0) panels" })
            .union(["grafana data sources", "grafana dashboards", "grafana dashboards from files"])
    }()
}
