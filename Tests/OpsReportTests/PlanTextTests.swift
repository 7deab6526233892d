import OpsCore
import OpsReport
import Testing

@Suite struct PlanTextTests {
    private func plan(_ run: Scenario, style: OutputStyle = .plain) -> PlanText {
        var plan = PlanText(style: style)
        for moment in run.moments { plan.add(moment.event) }
        return plan
    }

    private var changes: Scenario {
        var run = Scenario("plan", hosts: ["mon1", "app1", "app2", "app3"], checkMode: true)
        run.play("Monitoring stack", ["mon1", "app1", "app2", "app3"])
        let diff = UnifiedDiff().text(
            before: "- alert: Disk\n  expr: free < 5e9\n  for: 5m\n",
            after: "- alert: Disk\n  expr: free < 10e9\n  for: 5m\n",
            path: "/opt/monitoring/prometheus/rules/hosts.yml")
        run.step("mon1", Scenario.push, "push", .changed) {
            $0.changes = [
                Change(.update, "/opt/monitoring/prometheus/rules/hosts.yml", diff: diff),
                Change(.update, "/opt/monitoring/secrets/smtp", summary: "mode 0644 → 0400"),
                Change(
                    .create, "/opt/monitoring/loki/loki.yml",
                    diff: UnifiedDiff().text(before: nil, after: "auth_enabled: false\n")),
            ]
        }
        run.step("mon1", "Reload Prometheus", "command", .changed) {
            $0.changes = [Change(.reload, "service prometheus")]
        }
        for host in ["app1", "app3"] {
            run.step(host, Scenario.push, "push", .changed) { $0.changes = [Change(.delete, "/opt/exporters/old.yml")] }
        }
        run.step("app2", Scenario.push, "push")
        run.end()
        return run
    }

    @Test func hostsThatChangeAlikeAreShownTogether() throws {
        #expect(plan(changes).changedHosts == 3)
        try expectGolden("plan.txt", plan(changes).text)
        try expectGolden("plan-coloured.txt", plan(changes, style: .coloured).text)
    }

    @Test func nothingToChangeIsOneLine() {
        #expect(plan(.secondDeploy).text == "nothing to change on 2 hosts\n")
    }

    @Test func aHostThatCouldNotBePlannedIsSaid() throws {
        try expectGolden("plan-incomplete.txt", plan(.failedTemplate).text + plan(.unreachableHost).text)
    }
}
