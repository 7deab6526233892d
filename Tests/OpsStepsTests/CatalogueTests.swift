import OpsCore
import OpsTransport
import Testing

@testable import OpsSteps

@Suite struct CatalogueTests {
    private let compose = """
        name: monitoring
        services:
          prometheus:
            image: prom/prometheus:v3
            volumes: ['./config/prometheus:/etc/prometheus:ro', 'data:/prometheus']
            x-opsctl:
              health: {port: 9090, path: /-/ready, body: Ready}
              login: {user: ann, password_file: secrets/prometheus/password}
              tunnel: {port: 9090, login: secrets/x.yml}
              config: [config/prometheus]
              reload: {http: /-/reload}
              validate: [{command: [promtool, check, config, /etc/prometheus/prometheus.yml]}]
          node:
            image: node
            network_mode: host
        """

    @Test func readsServices() throws {
        let catalogue = try Catalogue(compose: compose, file: "compose.yml")
        let prometheus = try #require(catalogue["prometheus"])
        #expect(prometheus.mounts == [.init(source: "config/prometheus", target: "/etc/prometheus")])
        #expect(prometheus.reload == .http(path: "/-/reload", port: 9090))
        #expect(prometheus.health?.body == "Ready")
        #expect(prometheus.login == .init(user: "ann", passwordFile: "secrets/prometheus/password"))
        #expect(prometheus.validate == [["promtool", "check", "config", "/etc/prometheus/prometheus.yml"]])
        #expect(catalogue["node"]?.usesHostNetwork == true)
    }

    @Test func reportsAllFindingsWithPlaces() {
        let text = """
            services:
              a:
                image: a
                x-opsctl:
                  helth: {port: 1}
                  health: {path: /}
                  reload: sometimes
            """
        #expect {
            try Catalogue(compose: text, file: "compose.yml")
        } throws: { error in
            let found = (error as? DiagnosticError)?.diagnostics ?? []
            return Set(found.map(\.code)) == ["unknown-key", "missing-key", "bad-reload"]
                && found.contains { $0.hints == ["did you mean 'health'?"] && $0.location?.line == 5 }
        }
    }
}

@Suite struct CatalogueLoginTests {
    /// Only what is pushed can be read, and a colon would end the user's name in the header.
    @Test(arguments: [
        "{user: ann}", "{password_file: a}", "{user: 'a:b', password_file: a}", "{user: ann, password_file: /etc/shadow}",
        "{user: ann, password_file: ../a}", "{user: ann, password_file: a, password: b}", "ann",
    ])
    func refusesWhatIsNoLogin(_ login: String) {
        let text = "services:\n  a:\n    image: a\n    x-opsctl:\n      login: \(login)\n"
        #expect(throws: DiagnosticError.self) { try Catalogue(compose: text, file: "compose.yml") }
    }
}

@Suite struct StackSurveyTests {
    private func line(
        status: String = "running", isOutOfMemory: Bool = true, memory: Int = 0, health: String = "healthy",
        said: String = #""""#, ports: String = "{}", mode: String = "monitoring", addresses: String = "172.18.0.2 "
    ) -> String {
        [
            "prometheus", "hash", "id1", "sha256:img", "prom/prometheus", status, "137", "\(isOutOfMemory)", "\(memory)", health, said,
            "4", "2026-11-21T10:00:00Z", mode, ports, addresses,
        ].joined(separator: "\t")
    }

    @Test func findsWhereAPortIsReached() {
        let published = StackSurvey(parsing: line(ports: #"{"9090/tcp":[{"HostIp":"0.0.0.0","HostPort":"19090"}]}"#))
        #expect(published["prometheus"]?.endpoint(port: 9090, declaredHost: nil) == .tcp(host: "127.0.0.1", port: 19090))
        #expect(published["prometheus"]?.endpoint(port: 9091, declaredHost: nil) == .tcp(host: "172.18.0.2", port: 9091))
        let host = StackSurvey(parsing: line(mode: "host", addresses: ""))
        #expect(host["prometheus"]?.endpoint(port: 9100, declaredHost: nil) == .tcp(host: "127.0.0.1", port: 9100))
    }

    @Test func describesAContainerThatDied() {
        func description(_ memory: Int) -> String? {
            StackSurvey(parsing: line(status: "exited", memory: memory, health: ""))["prometheus"]?.description
        }
        #expect(description(64 << 20) == "exited with 137, out of memory (OOMKilled, limit 64 MiB), restarted 4 times")
        #expect(description(0) == "exited with 137, out of memory (OOMKilled, no limit of its own), restarted 4 times")
    }

    @Test func keepsWhatAnUnhealthyContainerSaid() {
        let text = line(isOutOfMemory: false, health: "unhealthy", said: #""wget: \u003cb\u003e\tno\nlast words\n""#)
        #expect(StackSurvey(parsing: text)["prometheus"]?.healthOutput == "wget: <b>\tno\nlast words\n")
    }

    @Test(arguments: ["", "a\tb", "\t\t\t\t\t\t\t\t\t\t\t\t"])
    func shortLinesAreIgnored(text: String) {
        #expect(StackSurvey(parsing: text).containers.isEmpty)
    }
}
