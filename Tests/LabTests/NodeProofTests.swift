import Foundation
import Testing

extension SharedStack {
    /// `playbooks/nodes.yml` with a login and TLS, on app1, and the Prometheus of mon1 that scrapes it.
    @Suite(.serialized) struct NodeProofTests {
        init() throws { try Lab.require() }

        private static let address = "\(Lab.app1):9110"
        private static let password = "a-login-for-one-test-alone"

        @Test func aNodeIsScrapedByTLSAndWithItsLogin() async throws {
            let inventory = try LabInventory { text in
                text.replacingOccurrences(of: "{job: node-exporter, address: '10.77.0.12:9100'", with: "{job: node-exporter, address: '\(Self.address)'")
                    .replacingOccurrences(of: "{ansible_host: 10.77.0.12}", with: "{ansible_host: 10.77.0.12, node_exporter_listen: '\(Self.address)'}")
                    .replacingOccurrences(
                        of: "          environment: lab\n",
                        with: "          environment: lab\n          node_exporter: {nodes_user: prometheus, nodes_tls_name: nodes.lab.example}\n")
            }
            let keys = NSTemporaryDirectory() + "opsctl-nodes-\(UUID().uuidString)"
            try FileManager.default.createDirectory(atPath: keys, withIntermediateDirectories: true)
            defer {
                inventory.remove()
                try? FileManager.default.removeItem(atPath: keys)
            }
            do {
                try await prove(inventory.path, keys)
            } catch {
                try? await putBack()
                throw error
            }
            try await putBack()
        }

        private func putBack() async throws {
            try await Lab.shell("app1", "cd /opt/node-exporter && docker compose down && rm -rf /opt/node-exporter")
            let deploy = try await Opsctl.run(["deploy", "lab", "--yes"], in: Lab.checkout, timeout: .seconds(240))
            #expect(deploy.status == 0, "\(deploy)")
        }

        private func prove(_ inventory: String, _ keys: String) async throws {
            let settings = ["-i", inventory, "-e", "@\(try await Self.secrets(keys))"]
            for changes in ["changed=", "changed=0"] {
                let nodes = try await Opsctl.run(["run", "playbooks/nodes.yml", "lab"] + settings, in: Lab.checkout, timeout: .seconds(120))
                #expect(nodes.status == 0 && nodes.stdout.contains(changes), "\(nodes)")
            }
            let deploy = try await Opsctl.run(["deploy", "lab", "--yes"] + settings, in: Lab.checkout, timeout: .seconds(240))
            #expect(deploy.status == 0, "\(deploy)")
            let green = try await Verification.run(settings + ["--only", "prometheus"], in: Lab.checkout)
            #expect(green.result.status == 0, "\(green.result)")

            let trusted = ["--cacert", "\(keys)/certificate.pem", "--connect-to", "::\(Self.address)"]
            #expect(try await Self.status("https://nodes.lab.example/metrics", trusted) == "401")
            #expect(try await Self.status("https://nodes.lab.example/metrics", trusted + ["-u", "prometheus:\(Self.password)"]) == "200")
            #expect(try await Self.status("http://\(Self.address)/metrics", ["-u", "prometheus:\(Self.password)"]) == "400")
        }

        /// A file of variables with what stands encrypted in secrets/ENV/nodes.yml elsewhere.
        private static func secrets(_ directory: String) async throws -> String {
            try await Lab.tool(
                "/usr/bin/openssl",
                ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj", "/CN=nodes",
                 "-addext", "subjectAltName=DNS:nodes.lab.example", "-keyout", "\(directory)/key.pem", "-out", "\(directory)/certificate.pem"])
            let certificate = try String(contentsOfFile: directory + "/certificate.pem", encoding: .utf8)
            let key = try String(contentsOfFile: directory + "/key.pem", encoding: .utf8)
            let path = directory + "/nodes.json"
            try JSONEncoder().encode(["nodes": ["password": password, "certificate": certificate, "key": key, "ca": certificate]])
                .write(to: URL(fileURLWithPath: path))
            return path
        }

        private static func status(_ url: String, _ options: [String]) async throws -> String {
            try await Lab.tool("/usr/bin/curl", ["-s", "-m", "20", "-o", "/dev/null", "-w", "%{http_code}"] + options + [url])
        }
    }
}
