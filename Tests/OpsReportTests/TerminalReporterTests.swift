import OpsCore
import Synchronization
import Testing

@testable import OpsReport

@Suite struct TerminalReporterTests {
    /// What a person sees at every message of a waiting step, and at the end.
    private func watch(
        _ run: Scenario, columns: Int = 100, rows: Int = 24, style: OutputStyle = .plain,
        options: ReportOptions = ReportOptions()
    ) async -> (shown: String, screen: Screen) {
        let (recording, clock) = (Recording(), TestClock())
        let reporter = TerminalReporter(
            progress: recording.sink, result: recording.sink, options: options,
            diagnostics: DiagnosticText(style: style, width: columns, source: scenarioSource),
            size: { TerminalSize(columns: columns, rows: rows) }, now: clock.now)
        var shown = ""
        for moment in run.moments {
            clock.advance(seconds: moment.after)
            await reporter.report(moment.event)
            guard case .stepProgress = moment.event else { continue }
            await reporter.redraw()
            shown +=
                "======== after \(Phrase.elapsed(clock.now())) ========\n" + screen(recording.text, columns, rows).text
                + "\n"
        }
        await reporter.finish()
        let end = screen(recording.text, columns, rows)
        return (shown + "======== at the end ========\n" + end.text, end)
    }

    private func screen(_ text: String, _ columns: Int, _ rows: Int) -> Screen {
        var screen = Screen(columns: columns, rows: rows)
        screen.write(text)
        return screen
    }

    @Test(arguments: Scenario.all.map(\.name))
    func golden(name: String) async throws {
        let run = try #require(Scenario.all.first { $0.name == name }).run
        let (shown, screen) = await watch(run)
        try expectGolden("terminal-\(name).txt", shown)
        #expect(screen.isCursorShown)
        #expect(screen.unknown == [])
    }

    @Test func aNarrowTerminalStaysTidy() async throws {
        try expectGolden("terminal-narrow.txt", await watch(.firstDeploy, columns: 40, rows: 8).shown)
    }

    @Test func diffsAreShownWhereTheyBelong() async throws {
        let options = ReportOptions(showsDiff: true)
        try expectGolden("terminal-diff.txt", await watch(.crashLoop, options: options).shown)
    }

    @Test func checkModeSaysWhatWouldChange() async throws {
        var run = Scenario(hosts: ["mon1"], checkMode: true)
        run.play("Monitoring stack", ["mon1"])
        run.step("mon1", Scenario.push, "push", .changed) { $0.changes = Array(Scenario.pushed.prefix(2)) }
        run.step("mon1", "Reload Prometheus", "command", .changed)
        run.end()
        try expectGolden("terminal-check-mode.txt", await watch(run).shown)
    }

    @Test func aRunOfChecksLeavesThemToTheTable() async throws {
        let options = ReportOptions(ending: .checkTable)
        let red = await watch(.verify(red: true), options: options).shown
        let lost = await watch(.unreachableHost, options: options).shown
        try expectGolden("terminal-only-checks.txt", red + lost)
    }

    @Test func colourAddsNothingButColour() async {
        let coloured = await watch(.verify(red: true), style: .coloured)
        #expect(coloured.screen.text == (await watch(.verify(red: true))).screen.text)
        #expect(coloured.screen.unknown == [])
    }

    @Test func manyRunningStepsShareLines() async throws {
        let hosts = (1...30).map { "web\($0)" }
        var run = Scenario(hosts: hosts)
        run.play("Exporters", hosts)
        run.connect(Array(hosts.prefix(20)))
        for host in hosts.prefix(12) { run.start(host, Scenario.push, "push") }
        for host in hosts[12..<18] { run.start(host, Scenario.stack, "compose") }
        run.start(hosts[18], "Collect logs", "command")
        run.wait(hosts[18], "Collect logs", "command", "12 MB so far", after: 75)
        run.end(interrupted: true)
        try expectGolden("terminal-many-running.txt", await watch(run, rows: 12).shown)
    }

    @Test func liveLinesLeaveRoomAndAreRedrawnTenTimesASecond() async {
        let (recording, clock) = (Recording(), TestClock())
        let reporter = TerminalReporter(
            progress: recording.sink, result: .nowhere, diagnostics: DiagnosticText(),
            size: { TerminalSize(columns: 40, rows: 5) }, now: clock.now)
        var run = Scenario(hosts: ["a", "b", "c", "d", "e"])
        run.play("p", ["a", "b", "c", "d", "e"])
        for (number, host) in ["a", "b", "c", "d", "e"].enumerated() { run.start(host, "step \(number)", "command") }
        for moment in run.moments { await reporter.report(moment.event) }
        clock.advance(seconds: 1)
        await reporter.redraw()
        let live = screen(recording.text, 40, 5).text.split(separator: "\n").suffix(3)
        #expect(live.map { $0.drop { $0 == " " } } == ["a      1 s  step 0", "b      1 s  step 1", "1 s  and 3 more"])
        let before = recording.text.utf8.count
        await reporter.report(.stepStarted(run.ref("a", "step 9", "command")))
        #expect(recording.text.utf8.count == before)
    }

    @Test func aQuestionFindsNoLiveLinesInItsWay() async {
        let (recording, clock) = (Recording(), TestClock())
        let reporter = TerminalReporter(
            progress: recording.sink, result: .nowhere, diagnostics: DiagnosticText(),
            size: { TerminalSize(columns: 80, rows: 24) }, now: clock.now)
        var run = Scenario(hosts: ["mon1"])
        run.play("p", ["mon1"])
        run.start("mon1", "Install docker", "package")
        for moment in run.moments { await reporter.report(moment.event) }
        clock.advance(seconds: 1)
        await reporter.redraw()
        #expect(screen(recording.text, 80, 24).text.contains("Install docker"))
        await reporter.suspend()
        await reporter.redraw()
        #expect(!screen(recording.text, 80, 24).text.contains("Install docker"))
        #expect(screen(recording.text, 80, 24).isCursorShown)
        await reporter.say("a line\u{7} in between")
        #expect(screen(recording.text, 80, 24).text.hasSuffix("a line\\x07 in between\n"))
        await reporter.resume()
        #expect(screen(recording.text, 80, 24).text.contains("Install docker"))
    }
}

@Suite struct LiveRegionTests {
    @Test func aWindowThatBecameNarrowerIsCleared() {
        var region = LiveRegion()
        var screen = Screen(columns: 10, rows: 20)
        // Drawn as 18 columns wide, then the window shrank to 10 and the terminal wrapped the line.
        screen.write("kept\n" + region.draw(["eighteen  columns "], above: "", style: .plain, columns: 20))
        screen.write(region.draw(["short"], above: "printed\n", style: .plain, columns: 10))
        #expect(screen.text == "kept\nprinted\nshort\n")
    }

    @Test func nothingIsSentWhenNothingChanges() {
        var region = LiveRegion()
        #expect(region.draw(["a"], above: "", style: .plain, columns: 80) != "")
        #expect(region.draw(["a"], above: "", style: .plain, columns: 80) == "")
        #expect(region.draw([], above: "", style: .plain, columns: 80).hasSuffix(LiveRegion.showCursor))
        #expect(region.draw([], above: "", style: .plain, columns: 80) == "")
    }
}

@Suite struct LineWrapTests {
    @Test(arguments: [
        ("fits", 10, ["fits"]), ("breaks at a space", 10, ["breaks at", "  a space"]),
        ("abcdefghijklmnop", 10, ["abcdefghij", "  klmnop"]), ("監視監視監視", 6, ["監視監", "  視監", "  視"]),
        ("\u{1B}[31mred and more\u{1B}[0m", 8, ["\u{1B}[31mred and", "  more\u{1B}[0m"]),
    ])
    func rowsKeepTheirIndentation(line: String, columns: Int, rows: [String]) {
        #expect(LineWrap.rows(line, columns: columns, hanging: 2) == rows)
    }

    @Test func indentationLeavesRoomForText() {
        #expect(LineWrap.rows("abcdef", columns: 4, hanging: 40) == ["abcd", "  ef"])
    }
}
