import Foundation
import Testing

extension SharedStack {
    /// Prometheus and Alertmanager with a login, as `login_user` in the settings asks for it.
    @Suite(.serialized) struct StackLoginProofTests {
        init() throws { try Lab.require() }

        @Test func whoHasTheLoginIsServed_andNobodyElse() async throws {
            let inventory = try LabInventory { text in
                ["          prometheus:\n", "          alertmanager:\n"].reduce(text) { text, head in
                    text.replacingOccurrences(of: head, with: head + "            login_user: opsctl\n")
                }
            }
            defer { inventory.remove() }
            do {
                try await prove(inventory.path)
            } catch {
                try? await putBack()
                throw error
            }
            try await putBack()
        }

        /// The other suites know the stack without logins.
        private func putBack() async throws {
            let deploy = try await Opsctl.run(["deploy", "lab", "--yes"], in: Lab.checkout, timeout: .seconds(240))
            #expect(deploy.status == 0, "\(deploy)")
            #expect(try await Self.status(9090, "/-/ready") == "200")
        }

        private func prove(_ inventory: String) async throws {
            let first = try await opsctl("deploy", inventory, "--yes")
            #expect(first.status == 0, "\(first)")
            let passwords = try await Self.passwords()
            let second = try await opsctl("deploy", inventory, "--yes")
            #expect(second.status == 0 && second.stdout.contains("changed=0"), "\(second)")
            let plan = try await opsctl("plan", inventory)
            #expect(plan.status == 0, "\(plan)")

            let green = try await Verification.run(["-i", inventory], in: Lab.checkout)
            #expect(green.result.status == 0, "\(green.result)")
            #expect(green.rows.isSuperset(of: ["prometheus anonymous access", "alertmanager anonymous access"]), "\(green.result)")
            let maintenance = try await Opsctl.run(
                ["run", "playbooks/maintenance.yml", "lab", "-i", inventory], in: Lab.checkout, timeout: .seconds(120))
            #expect(maintenance.status == 0, "\(maintenance)")

            try await servesItsUserAlone(passwords)
            try await isAskedByAddress(passwords[0])
            for (what, output) in [("deploy", first.all), ("verify", green.result.all), ("maintenance", maintenance.all)] {
                for password in passwords { #expect(!output.contains(password), "\(what) shows a password") }
            }
            try await turnsItsChecksRed(inventory)
            try await takesAnotherPassword(inventory)
        }

        private func opsctl(_ command: String, _ inventory: String, _ more: String...) async throws -> Opsctl.Result {
            try await Opsctl.run([command, "lab", "-i", inventory] + more, in: Lab.checkout, timeout: .seconds(240))
        }

        /// Of Prometheus and of Alertmanager, as their containers have them.
        private static func passwords() async throws -> [String] {
            try await Lab.shell("mon1", "cd /opt/monitoring/secrets && for s in prometheus alertmanager; do cat $s/login_password; echo; done")
                .split(separator: "\n").map(String.init)
        }

        private func servesItsUserAlone(_ passwords: [String]) async throws {
            #expect(Set(passwords).count == 2)
            for (port, service, password) in [(9090, "prometheus", passwords[0]), (9093, "alertmanager", passwords[1])] {
                for path in ["/-/ready", "/metrics"] {
                    #expect(try await Self.status(port, path) == "401")
                    #expect(try await Self.status(port, path, "opsctl:wrong") == "401")
                    #expect(try await Self.status(port, path, "opsctl:\(password)") == "200")
                }
                let container = Breakage.container(service)
                let shown = try await Lab.shell("mon1", "docker inspect \(container); docker top \(container) -o args; docker logs \(container) 2>&1")
                #expect(!shown.contains(password), "\(service) shows its password")
                let place = "/opt/monitoring/config/\(service)/web.yml"
                #expect(try await Lab.shell("mon1", "stat -c '%a %u' \(place)") == "400 65534\n")
            }
        }

        /// The status of an answer to a request from the host's loopback address.
        private static func status(_ port: Int, _ path: String, _ login: String = "") async throws -> String {
            let header = login.isEmpty ? "" : "Authorization: Basic \(Data(login.utf8).base64EncodedString())\\r\\n"
            let ask = "exec 3<>/dev/tcp/127.0.0.1/\(port); printf 'GET \(path) HTTP/1.0\\r\\n\(header)\\r\\n' >&3; head -n 1 <&3"
            return try await Lab.shell("mon1", "bash -c \"\(ask)\"").split(separator: " ").dropFirst().first.map(String.init) ?? ""
        }

        /// What somebody does to the files of a login on the host shows in exactly the checks that need it.
        private func turnsItsChecksRed(_ inventory: String) async throws {
            func edit(_ file: String, _ sed: String) -> (String, String) {
                let path = "/opt/monitoring/\(file)"
                return ("cp -p \(path) /tmp/proof-kept && sed -i '\(sed)' \(path)", "cp -p /tmp/proof-kept \(path)")
            }
            let wrong = edit("secrets/prometheus/login_password", "s/^./&&/")
            let open = edit("config/alertmanager/web.yml", "s/^basic_auth_users:.*/basic_auth_users: {}/; /^ /d")
            let unheard = edit("secrets/prometheus/alertmanager_password", "s/^./&&/")
            let breaks = [
                Breakage(
                    "the password is wrong", "health", red: ["prometheus health"], words: ["401: it refuses the login"],
                    break: wrong.0, repair: wrong.1, arguments: ["-i", inventory]),
                Breakage(
                    "Alertmanager lets everybody in", "health", red: ["alertmanager anonymous access"],
                    words: ["expected 401, got 200"], break: open.0, repair: open.1, arguments: ["-i", inventory]),
                Breakage(
                    "Prometheus has another password than Alertmanager", "prometheus",
                    red: ["target alertmanager mon1 scrape", "query targets that are down"], words: ["401 Unauthorized"],
                    break: unheard.0, repair: unheard.1, arguments: ["-i", inventory]),
            ]
            for breakage in breaks {
                try await breakage.breaking()
                let broken = try await Verification.until(breakage, in: Lab.checkout) { breakage.isSeen(in: $0) }
                try await breakage.repairing()
                #expect(breakage.isSeen(in: broken), "\(breakage.description): \(broken.result)")
            }
        }

        /// A step that is given an address is given the login as well, or told what is wrong with it.
        private func isAskedByAddress(_ password: String) async throws {
            try await LabProject.with(inventory: LabProject.both) { project in
                project.steps(
                    """
                    - prometheus:
                        url: http://127.0.0.1:9090
                        user: '{{ user | default(omit) }}'
                        password: '{{ password | default(omit) }}'
                        queries: [{name: one, expr: '1', expect: '== 1'}]
                        timeout: 1s
                    """, hosts: "mon1")
                func asked(_ login: [String: String]) async throws -> Opsctl.Result {
                    let variables = try String(decoding: JSONEncoder().encode(login), as: UTF8.self)
                    return try await project.run("-e", variables)
                }
                let good = try await asked(["user": "opsctl", "password": password])
                #expect(good.status == 0, "\(good)")
                let wrong = try await asked(["user": "opsctl", "password": "not-the-password"])
                #expect(wrong.status == 2 && wrong.all.contains("401: it refuses the login"), "\(wrong)")
                #expect(!wrong.all.contains("not-the-password"))
                let nobody = try await asked([:])
                #expect(nobody.status == 2 && nobody.all.contains("401: it asks for a login"), "\(nobody)")
            }
        }

        /// Another password is taken up without a restart of the services that ask for it.
        private func takesAnotherPassword(_ inventory: String) async throws {
            let others = #"{"logins": {"prometheus": "Another-1-of-20-characters", "alertmanager": "Another-2-of-20-characters"}}"#
            let running = "docker inspect -f '{{.Id}} {{.State.StartedAt}}' \(Breakage.container("prometheus")) \(Breakage.container("alertmanager"))"
            let before = try await Lab.shell("mon1", running)
            let deploy = try await opsctl("deploy", inventory, "--yes", "-e", others)
            #expect(deploy.status == 0, "\(deploy)")
            #expect(try await Lab.shell("mon1", running) == before)
            #expect(try await Self.status(9090, "/-/ready", "opsctl:Another-1-of-20-characters") == "200")
            #expect(try await Self.status(9093, "/-/ready", "opsctl:Another-2-of-20-characters") == "200")
            // The project still has the old ones.
            let stale = try await Verification.run(["-i", inventory, "--only", "prometheus,alertmanager", "-e", "verify_timeout=4s"], in: Lab.checkout)
            let unheard: Set = ["alertmanager receivers", "alertmanager cluster", "alertmanager alert Watchdog"]
            #expect(stale.failed == unheard.union([Breakage.files]), "\(stale.result)")
            #expect(stale.result.all.contains("401: it refuses the login"), "\(stale.result)")
            let green = try await Verification.run(["-i", inventory, "-e", others], in: Lab.checkout)
            #expect(green.result.status == 0, "\(green.result)")
        }
    }
}
