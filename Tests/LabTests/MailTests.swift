import Foundation
import Testing

extension SharedStack {
    /// From the result of a verification to a mail in somebody's inbox: textfile, scrape, rule, Alertmanager, SMTP with
    /// STARTTLS and a password.
    @Suite(.serialized) struct MailTests {
        init() throws { try Lab.require() }

        private struct Inbox: Decodable {
            struct Mail: Decodable {
                var from: String
                var to: [String]
                var tls: Bool
                var subject: String
                var text: String
                var html: String
            }

            var messages: [Mail]
        }

        private static let result = "/var/lib/opsctl/textfile/opsctl_verify.prom"

        @Test func aFailedVerificationIsMailed() async throws {
            let deploy = try await Opsctl.run(["deploy", "lab", "--yes"], in: Lab.checkout, timeout: .seconds(240))
            #expect(deploy.status == 0, "\(deploy)")
            let before = try await Self.mails().count
            // A whole verification with a service that is gone; no check waits for it.
            try await Lab.shell("mon1", "docker stop -t 1 clientforge-blackbox-exporter")
            let red = try await Opsctl.run(["verify", "lab", "-e", "verify_timeout=3s"], in: Lab.checkout, timeout: .seconds(180))
            try await Lab.shell("mon1", "docker start clientforge-blackbox-exporter")
            #expect(red.status == 2, "\(red)")
            let written = try await Lab.shell("mon1", "cat \(Self.result)")
            #expect(written.contains("\nopsctl_verify_success 0\n"), "\(written)")
            #expect(!written.contains(#"state="fail"} 0"#), "\(written)")

            var found: Inbox.Mail?
            let arrived = try await eventually(within: .seconds(120)) {
                found = try await Self.mails().dropFirst(before).first { $0.subject.contains("OpsctlVerifyFailed") }
                return found != nil
            }
            #expect(arrived, "no mail about the failed verification")
            let mail = try #require(found)
            #expect(mail.subject == "[ClientForge] [FIRING:1] warning OpsctlVerifyFailed (node-exporter)")
            #expect(mail.from == "alertmanager@lab.example" && mail.to == ["ops@lab.example"] && mail.tls)
            let links = [
                "https://example.com/runbooks/OpsctlVerifyFailed", "http://127.0.0.1:3005/d/opsctl-self",
                "http://127.0.0.1:9090/graph?g0.expr=opsctl_verify_success", "http://127.0.0.1:9093/#/silences/new?filter=",
            ]
            for link in links {
                #expect(mail.text.contains(link), "no \(link) in \(mail.text)")
                #expect(mail.html.replacingOccurrences(of: "&#43;", with: "+").contains(link), "no \(link) in \(mail.html)")
            }
            for body in [mail.text, mail.html] {
                #expect(body.contains("The last opsctl verify run failed on mon1"))
                #expect(body.contains("opsctl verify shows what"))
                #expect(body.contains("severity=warning"))
            }
            try await Lab.shell("mon1", "rm \(Self.result)")
        }

        private static func mails() async throws -> [Inbox.Mail] {
            let text = try await Lab.tool("/usr/bin/curl", ["-sf", "-m", "20", "http://\(Lab.app1):8025/messages"])
            return try JSONDecoder().decode(Inbox.self, from: Data(text.utf8)).messages
        }
    }
}
