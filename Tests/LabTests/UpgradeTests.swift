import Foundation
import Testing

extension SharedStack {
    /// `playbooks/upgrade.yml`: a new image is taken into use after a backup; one that does not work is put back.
    @Suite(.serialized) struct UpgradeTests {
        init() throws { try Lab.require() }

        private static let image = "lab/blackbox-exporter"

        @Test func newImagesAreTakenAndBrokenOnesPutBack() async throws {
            let deploy = try await Opsctl.run(["deploy", "lab", "--yes"], in: Lab.checkout, timeout: .seconds(240))
            #expect(deploy.status == 0, "\(deploy)")
            try await Lab.shell("mon1", "docker tag \(Self.image):lab \(Self.image):next && docker tag lab/redis:lab \(Self.image):broken")

            let good = try await upgrade(to: "next")
            #expect(good.status == 0, "\(good)")
            #expect(good.all.contains("blackbox-exporter: \(Self.image):lab to \(Self.image):next"), "\(good)")
            #expect(try await running() == "\(Self.image):next running")
            let newest = "cd $(ls -d /var/backups/opsctl/*/* | tail -n 1) && sha256sum --check SHA256SUMS"
            #expect(try await Lab.shell("mon1", newest).contains("prometheus.tar.gz: OK"))

            let bad = try await upgrade(to: "broken")
            #expect(bad.status == 2, "\(bad)")
            #expect(bad.all.contains("did not come up with its new image"), "\(bad)")
            #expect(try await running() == "\(Self.image):next running")
            let again = try await Opsctl.run(["deploy", "lab", "--yes"], in: Lab.checkout, timeout: .seconds(240))
            #expect(again.status == 0, "\(again)")
            #expect(try await running() == "\(Self.image):lab running")
            try await Lab.shell("mon1", "docker rmi \(Self.image):next \(Self.image):broken")
        }

        private func running() async throws -> String {
            try await Lab.shell("mon1", "docker inspect -f '{{.Config.Image}} {{.State.Status}}' clientforge-blackbox-exporter")
                .trimmingCharacters(in: .whitespacesAndNewlines)
        }

        /// Runs the playbook with the lab's inventory but another image of one service.
        private func upgrade(to tag: String) async throws -> Opsctl.Result {
            let inventory = try LabInventory { $0.replacingOccurrences(of: "\(Self.image):lab", with: "\(Self.image):\(tag)") }
            defer { inventory.remove() }
            return try await Opsctl.run(
                ["run", "playbooks/upgrade.yml", "lab", "-i", inventory.path], in: Lab.checkout, timeout: .seconds(300))
        }
    }
}
