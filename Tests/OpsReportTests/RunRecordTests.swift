import Foundation
import OpsCore
import OpsReport
import Testing

@Suite struct RunRecordTests {
    /// Gives a project directory that is gone afterwards.
    private func inProject(_ body: (URL) async throws -> Void) async throws {
        let project = FileManager.default.temporaryDirectory.appending(path: "opsctl-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: project, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: project) }
        try await body(project)
    }

    private func run(_ id: String) -> Event.RunStarted {
        .init(run: id, command: "deploy", playbook: "p.yml", inventory: "i.yml", checkMode: false, hosts: 1)
    }

    private func mode(_ url: URL) throws -> Int? {
        try FileManager.default.attributesOfItem(atPath: url.path)[.posixPermissions] as? Int
    }

    @Test func aRunCanBeReadBack() async throws {
        try await inProject { project in
            let record = RunRecord(project: project)
            let date = Date(timeIntervalSince1970: 1_795_000_000.125)
            let recorder = RunRecorder(record) { date }
            for moment in Scenario.crashLoop.moments { await recorder.report(moment.event) }
            await recorder.finish()

            #expect(await recorder.problem == nil)
            let summary = try #require(record.list().first)
            #expect(summary.started == date)
            #expect(summary.exitStatus == 2)
            #expect(summary.recap.first?.failed == 1)
            let events = try record.events(summary.id)
            #expect(events.count == Scenario.crashLoop.moments.count)
            #expect(events.first?.time.timeIntervalSince1970 == date.timeIntervalSince1970)

            let runs = project.appending(path: ".opsctl/runs")
            #expect(try mode(runs) == 0o700)
            #expect(try mode(runs.appending(path: summary.id)) == 0o700)
            #expect(try mode(runs.appending(path: "\(summary.id)/events.jsonl")) == 0o600)
            #expect(try mode(runs.appending(path: "\(summary.id)/summary.json")) == 0o600)
        }
    }

    @Test func aRunThatWasKilledIsListedWithoutAnEnd() async throws {
        try await inProject { project in
            let record = RunRecord(project: project)
            let recorder = RunRecorder(record)
            await recorder.report(.runStarted(run("20261121T093000Z-0001")))
            #expect(record.list().map(\.exitStatus) == [nil])
        }
    }

    @Test func theLastFiftyAreKept() async throws {
        try await inProject { project in
            let record = RunRecord(project: project)
            for number in 100..<160 {
                let recorder = RunRecorder(record)
                await recorder.report(.runStarted(run("20261121T093000Z-0\(number)")))
                await recorder.finish()
            }
            let ids = record.list().map(\.id)
            #expect(ids.count == 50)
            #expect(ids.first == "20261121T093000Z-0159")
            #expect(ids.last == "20261121T093000Z-0110")
        }
    }

    @Test func aRecordThatCannotBeWrittenIsAWarning() async throws {
        try await inProject { project in
            try Data().write(to: project.appending(path: ".opsctl"))
            let recorder = RunRecorder(RunRecord(project: project))
            await recorder.report(.runStarted(run("20261121T093000Z-0001")))
            await recorder.report(.playStarted(.init(name: "p", hosts: [])))
            #expect(await recorder.problem?.severity == .warning)
        }
    }

    @Test(arguments: ["../../etc", "", "a/b", "a b", ".."])
    func idsLeadNowhereElse(id: String) async throws {
        try await inProject { project in
            let recorder = RunRecorder(RunRecord(project: project))
            await recorder.report(.runStarted(run(id)))
            #expect(await recorder.problem != nil)
            #expect(throws: Diagnostic.self) { try RunRecord(project: project).events(id) }
        }
    }

    @Test func jsonLinesHoldOneEventEach() throws {
        let recording = Recording()
        let reporter = JSONLinesReporter(recording.sink) { Date(timeIntervalSince1970: 1_795_000_000) }
        for moment in Scenario.hostile.moments + Scenario.failedTemplate.moments { reporter.report(moment.event) }
        let lines = recording.text.split(separator: "\n")
        #expect(lines.count == Scenario.hostile.moments.count + Scenario.failedTemplate.moments.count)
        for line in lines {
            let object = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
            #expect(object["event"] is String)
            #expect(object["time"] as? String == "2026-11-18T11:06:40.000Z")
        }
    }
}
