import OpsCore
import OpsReport
import Testing

@Suite struct PlainReporterTests {
    private func report(
        _ run: Scenario, _ options: ReportOptions = ReportOptions(), style: OutputStyle = .plain
    ) async -> String {
        let (recording, clock) = (Recording(), TestClock())
        let reporter = PlainReporter(
            progress: recording.sink, result: recording.sink, options: options,
            diagnostics: DiagnosticText(style: style, width: 100, source: scenarioSource), now: clock.now)
        for moment in run.moments {
            clock.advance(seconds: moment.after)
            await reporter.report(moment.event)
        }
        await reporter.finish()
        return recording.text
    }

    @Test(arguments: Scenario.all.map(\.name))
    func golden(name: String) async throws {
        let run = try #require(Scenario.all.first { $0.name == name }).run
        try expectGolden("plain-\(name).txt", await report(run))
    }

    @Test func verboseShowsEveryStepCheckAndConnection() async throws {
        let verbose = ReportOptions(verbose: true, showsDiff: true)
        try expectGolden(
            "plain-verbose.txt", await report(.failedTemplate, verbose) + "\n" + report(.secondDeploy, verbose))
    }

    @Test func colours() async throws {
        let options = ReportOptions(showsDiff: true)
        let shown = await [report(.failedTemplate, options, style: .coloured), report(.crashLoop, style: .coloured)]
        try expectGolden("plain-coloured.txt", shown.joined(separator: "\n"))
    }

    @Test func aLogThatStandsStillSaysWhy() async throws {
        let (recording, clock) = (Recording(), TestClock())
        let reporter = PlainReporter(
            progress: recording.sink, result: .nowhere, diagnostics: DiagnosticText(), now: clock.now)
        let hosts = (1...7).map { "web\($0)" }
        var run = Scenario(hosts: hosts)
        run.play("Exporters", hosts)
        run.start("web1", Scenario.push, "push")
        for moment in run.moments { await reporter.report(moment.event) }
        for second in 1...25 {
            clock.advance(seconds: 1)
            await reporter.remind()
            guard second == 12 else { continue }
            for host in hosts.dropFirst() {
                await reporter.report(.stepStarted(run.start(host, Scenario.stack, "compose")))
            }
        }
        await reporter.say("interrupted\u{1B}[2J")
        try expectGolden("plain-waiting.txt", recording.text)
    }

    @Test func resultAndProgressGoTheirOwnWays() async {
        let (progress, result) = (Recording(), Recording())
        let reporter = PlainReporter(progress: progress.sink, result: result.sink, diagnostics: DiagnosticText())
        for moment in Scenario.secondDeploy.moments { await reporter.report(moment.event) }
        #expect(result.text.contains("changed=0"))
        #expect(!progress.text.contains("changed=0"))
    }
}
