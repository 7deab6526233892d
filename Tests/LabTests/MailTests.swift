import Foundation
import Testing

extension SharedStack {
    /// From the result of a verification to a mail in somebody's inbox: textfile, scrape, rule, Alertmanager, SMTP with
    /// STARTTLS and a password.
    @Suite(.serialized) struct MailTests {
        init() throws { try Lab.require() }

        private static let result = "/var/lib/opsctl/textfile/opsctl_verify.prom"

        @Test func aFailedVerificationIsMailed() async throws {
            // What Alertmanager mailed for other tests, it would not mail again for hours.
            try await Lab.shell("mon1", "docker rm -f clientforge-alertmanager; docker volume rm -f alertmanager-data; rm -f \(Self.result)")
            let deploy = try await Opsctl.run(["deploy", "lab", "--yes"], in: Lab.checkout, timeout: .seconds(240))
            #expect(deploy.status == 0, "\(deploy)")
            let before = try await MailSink.mails().count
            // A whole verification with a service that is gone; no check waits for it.
            try await Lab.shell("mon1", "docker stop -t 1 clientforge-blackbox-exporter")
            let red = try await Opsctl.run(["verify", "lab", "-e", "verify_timeout=3s"], in: Lab.checkout, timeout: .seconds(180))
            try await Lab.shell("mon1", "docker start clientforge-blackbox-exporter")
            #expect(red.status == 2, "\(red)")
            let written = try await Lab.shell("mon1", "cat \(Self.result)")
            #expect(written.contains("\nopsctl_verify_success 0\n"), "\(written)")
            #expect(!written.contains(#"state="fail"} 0"#), "\(written)")

            var found: MailSink.Mail?
            let arrived = try await eventually(within: .seconds(120)) {
                found = try await MailSink.mails().dropFirst(before).first { $0.subject.contains("OpsctlVerifyFailed") }
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

        @Test func aTestAlertToNobodyNamesTheNearestReceiver() async throws {
            try await DeployedStack.once()
            let sent = try await Opsctl.run(
                ["run", "playbooks/test-alert.yml", "lab", "-e", "receiver=email-defalt"], in: Lab.checkout)
            #expect(sent.status == 2, "\(sent)")
            #expect(sent.all.contains("got unknown; did you mean 'email-default'?"), "\(sent)")
        }
    }
}
