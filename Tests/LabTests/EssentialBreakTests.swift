import Foundation
import Testing

extension SharedStack {
    /// What `opsctl verify` guards, broken one thing at a time on the deployed stack: exactly the checks that guard it
    /// turn red, in words that name the trouble. Repaired, it doesn't disturb the next case.
    ///
    /// These few are part of every test run; ProofTests have the rest.
    @Suite(.serialized) struct EssentialBreakTests {
        init() throws { try Lab.require() }

        @Test(.serialized, arguments: Breakage.essential)
        func turnsExactlyItsChecksRed(_ breakage: Breakage) async throws { try await breakage.prove() }

        /// A target that is known to be down is a warning; one that came back is none.
        @Test func expectedDownIsNoFailure() async throws {
            try await DeployedStack.once()
            let inventory = try LabInventory { text in
                text.replacingOccurrences(
                    of: "          environment: lab\n",
                    with: "          environment: lab\n          expected_down: [{job: redis-exporter, instance: app1}]\n")
            }
            defer { inventory.remove() }
            func verify(_ tag: String) async throws -> Opsctl.Result {
                try await Opsctl.run(["verify", "lab", "-i", inventory.path, "--only", tag], in: Lab.checkout, timeout: .seconds(180))
            }
            let up = try await verify("prometheus")
            #expect(up.status == 0 && up.stdout.contains("15 targets"), "\(up)")
            try await Lab.shell("app1", "docker stop -t 1 app-redis-exporter-1")
            let seen = try await eventually(within: .seconds(60)) {
                let down = try await verify("prometheus")
                #expect(down.status == 0, "\(down)")
                return down.stdout.contains("down (expected for now)")
            }
            let dashboards = try await verify("grafana")
            try await Lab.shell("app1", "docker start app-redis-exporter-1")
            #expect(seen)
            #expect(dashboards.status == 0, "\(dashboards)")
        }
    }
}
