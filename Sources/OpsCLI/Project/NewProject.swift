/// The files that `opsctl init` writes: the smallest project that deploys something and proves that it works.
enum NewProject {
    struct File {
        var path: String
        var content: String
    }

    static let files = [
        File(path: "opsctl.yml", content: """
            default_environment: production
            environments:
              production:
                confirm: true     # deploy asks first

            """),
        File(path: ".gitignore", content: ".opsctl/\n"),
        File(path: "inventory/production.yml", content: """
            all:
              children:
                monitoring:
                  hosts:
                    mon1:
                      ansible_host: 203.0.113.10    # your server's address
              vars:
                ansible_user: deploy
                ansible_become: true

            """),
        File(path: "playbooks/deploy.yml", content: """
            - name: Monitoring stack
              hosts: monitoring
              vars:
                dir: /opt/monitoring
              steps:
                - name: Configuration
                  push:
                    src: monitoring
                    dest: '{{ dir }}'

                - name: Containers
                  compose:
                    project_dir: '{{ dir }}'

                - name: Every service answers
                  health:
                    project_dir: '{{ dir }}'

                - name: Prometheus sees every target
                  prometheus:
                    project_dir: '{{ dir }}'
                    targets:
                      - {job: prometheus, instance: 'localhost:9090'}

            """),
        File(path: "playbooks/verify.yml", content: """
            - name: Monitoring stack
              hosts: monitoring
              steps:
                - name: Every service answers
                  health:
                    project_dir: /opt/monitoring

                - name: Prometheus sees every target
                  prometheus:
                    project_dir: /opt/monitoring
                    targets:
                      - {job: prometheus, instance: 'localhost:9090'}

            """),
        File(path: "playbooks/monitoring/compose.yml", content: """
            name: monitoring
            services:
              prometheus:
                image: prom/prometheus:v3.13.2
                command: [--config.file=/etc/prometheus/prometheus.yml, --storage.tsdb.path=/prometheus, --web.enable-lifecycle]
                ports: ['127.0.0.1:9090:9090']
                restart: unless-stopped
                volumes:
                  - ./config/prometheus:/etc/prometheus:ro
                  - prometheus:/prometheus
                x-opsctl:
                  health: {port: 9090, path: /-/ready}
                  tunnel: {port: 9090}
                  config: [config/prometheus]
                  reload: {http: /-/reload, port: 9090}
                  validate:
                    - command: [promtool, check, config, /etc/prometheus/prometheus.yml]
            volumes:
              prometheus:

            """),
        File(path: "playbooks/monitoring/config/prometheus/prometheus.yml", content: """
            global:
              scrape_interval: 15s
            scrape_configs:
              - job_name: prometheus
                static_configs:
                  - targets: ['localhost:9090']

            """),
        File(path: "secrets.example/smtp.yml", content: """
            # The account that mails are sent with. In playbooks it is {{ smtp.password }}.
            #
            #   opsctl secrets init production      asks for every key here and writes it encrypted

            password: change-me

            """),
    ]
}
