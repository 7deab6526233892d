import Foundation

/// A stack of one Prometheus on app1 that a test deploys, breaks and mends. Its service is called `metrics`,
/// so that the lab's own `prometheus` stays the only one of that name.
struct LabStack {
    let project: LabProject
    /// Of this machine's 127.0.0.1 on app1.
    let port: Int

    init(_ project: LabProject, port: Int, timeout: String = "20s") {
        self.project = project
        self.port = port
        compose()
        configuration()
        project.steps("""
            - name: Files
              push: {src: stack, dest: '\(project.remote)'}
            - name: Containers
              compose: {project_dir: '\(project.remote)', wait_timeout: 30s}
            - name: Health
              health: {project_dir: '\(project.remote)', timeout: \(timeout)}
            - name: Targets
              prometheus:
                project_dir: '\(project.remote)'
                service: metrics
                targets: "{{ targets | default([{'job': 'prometheus', 'instance': 'self'}]) }}"
                timeout: \(timeout)
            """, play: "become: true")
        project.cleanUpContainers()
    }

    /// Writes the compose file; `replacing` changes text of it.
    func compose(replacing old: String = "", with new: String = "") {
        let text = """
            services:
              metrics:
                image: lab/prometheus:lab
                command: [--config.file=/etc/prometheus/prometheus.yml, --storage.tsdb.path=/prometheus, --web.enable-lifecycle]
                ports: ['127.0.0.1:\(port):9090']
                volumes: ['./config/prometheus:/etc/prometheus:ro']
                x-opsctl:
                  health: {port: 9090, path: /-/ready, body: Ready}
                  tunnel: {port: 9090}
                  config: [config/prometheus]
                  reload: {http: /-/reload, port: 9090}
                  validate: [[promtool, check, config, /etc/prometheus/prometheus.yml]]

            """
        project.write("playbooks/stack/compose.yml", old.isEmpty ? text : text.replacingOccurrences(of: old, with: new))
    }

    func configuration(_ key: String = "scrape_configs", target: String = "localhost:9090", instance: String = "self") {
        project.write("playbooks/stack/config/prometheus/prometheus.yml", """
            global: {scrape_interval: 1s}
            \(key):
              - job_name: prometheus
                static_configs: [{targets: ['\(target)'], labels: {instance: \(instance)}}]

            """)
    }

    /// Id and start time of the running container.
    func container() async throws -> String {
        try await Lab.shell(
            "app1",
            "docker inspect -f '{{.Id}} {{.State.StartedAt}}' $(docker ps -q --filter label=com.docker.compose.project.working_dir=\(project.remote))")
    }

    func files() async throws -> String {
        try await Lab.shell("app1", "cd \(project.remote) && sha256sum compose.yml config/prometheus/*")
    }
}
