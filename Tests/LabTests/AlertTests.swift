import Foundation
import Testing

extension SharedStack {
    /// Alerts on their way to people: test alerts to the receiver that is named, and a real one from its rule on.
    @Suite(.serialized) struct AlertProofTests {
        init() throws { try Lab.require() }

        private static let receivers = ["email-default", "email-database", "email-api", "critical", "critical-database", "critical-api"]

        @Test(.serialized, arguments: receivers)
        func aTestAlertReachesItsReceiver(_ receiver: String) async throws {
            try await DeployedStack.once()
            let before = try await MailSink.mails().count
            let sent = try await testAlert(receiver)
            #expect(sent.status == 0 && sent.all.contains("3 checks passed"), "\(sent)")
            let subjects = try await MailSink.mails().dropFirst(before).map(\.subject)
            for state in ["FIRING:1", "RESOLVED"] {
                #expect(subjects.contains("[ClientForge] [\(state)] warning OpsctlSelfTest (opsctl)"), "\(subjects)")
            }
        }

        @Test func aTestAlertThatIsNotDeliveredIsAFailure() async throws {
            try await DeployedStack.once()
            try await Lab.shell("app1", "docker stop -t 1 app-mail-sink-1")
            let sent = try await testAlert("email-default")
            let url = "http://\(Lab.app1):8025/health"
            try await Lab.shell("app1", "docker start app-mail-sink-1 && until curl -sf -o /dev/null \(url); do sleep 0.2; done")
            #expect(sent.status == 2, "\(sent)")
            #expect(sent.all.contains("receiver email-default test alert by email: expected sent, got"), "\(sent)")
        }

        @Test func aStoppedServiceIsToldOfAndSoIsItsReturn() async throws {
            try await DeployedStack.once()
            let before = try await MailSink.mails().count
            let fire = try await Opsctl.run(["verify", "lab", "--only", "fire"], in: Lab.checkout, timeout: .seconds(600))
            #expect(fire.status == 0, "\(fire)")
            let rows = [
                "TargetDown is pending", "TargetDown fires", "alert TargetDown", "notification by email", "its resolution by email",
            ]
            for row in rows {
                #expect(fire.stdout.contains(row), "no '\(row)' in \(fire)")
            }
            let subjects = try await MailSink.mails().dropFirst(before).map(\.subject)
            for state in ["FIRING:1", "RESOLVED"] {
                #expect(subjects.contains("[ClientForge] [\(state)] critical TargetDown (blackbox-exporter)"), "\(subjects)")
            }
        }

        private func testAlert(_ receiver: String) async throws -> Opsctl.Result {
            try await Opsctl.run(
                ["run", "playbooks/test-alert.yml", "lab", "-e", "receiver=\(receiver)"], in: Lab.checkout, timeout: .seconds(180))
        }
    }
}
