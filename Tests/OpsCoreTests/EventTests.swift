import Foundation
import OpsCore
import Testing

@Suite struct EventTests {
    private static let ref = Event.StepRef(
        host: "mon1", step: 3, name: "Push", module: "push",
        location: SourceLocation(file: "p.yml", line: 4, column: 5),
        isHandler: true)

    private static let finished = Event.StepFinished(
        ref: ref, outcome: .failed, seconds: 1.5, message: "two\nlines", ignored: true, rescued: false,
        changes: [Change(.update, "/etc/motd", summary: "mode", diff: "-a\n+b\n")],
        checks: [
            Check(
                resource: "grafana", property: "health", expected: "200", actual: "503", status: .unknown, seconds: 2,
                details: ["log"])
        ], stdout: "out", stderr: "\u{1B}[2J", diagnostic: Diagnostic(code: "c", "m", hints: ["h"]), item: "i")

    private static var recap: HostRecap {
        var recap = HostRecap(host: "mon1")
        (recap.ok, recap.changed, recap.failed, recap.notStarted) = (5, 2, 1, true)
        return recap
    }

    static let all: [Event] = [
        .runStarted(.init(run: "r", command: "deploy", playbook: "p", inventory: "i", checkMode: true, hosts: 2)),
        .playStarted(.init(name: "p", hosts: ["a", "b"])),
        .hostConnected(.init(host: "a", peer: "deploy@10.77.0.11:22", seconds: 0.046)),
        .stepStarted(ref), .stepProgress(.init(ref: ref, message: "waiting")), .stepFinished(finished),
        .notice(.init(host: "a", Diagnostic(.warning, code: "w", "m"))),
        .runFinished(.init(run: "r", seconds: 3, recap: [recap], exitStatus: 2, interrupted: true, roundTrips: 9)),
    ]

    @Test(arguments: all.indices)
    func anEventSurvivesJSON(index: Int) throws {
        let event = Self.all[index]
        #expect(try JSONDecoder().decode(Event.self, from: JSONEncoder().encode(event)) == event)
    }

    @Test(arguments: Outcome.allCases)
    func everyOutcomeHasItsWord(outcome: Outcome) throws {
        let event = Event.stepFinished(.init(ref: Self.ref, outcome: outcome, seconds: 0))
        let object = try JSONSerialization.jsonObject(with: JSONEncoder().encode(event)) as? [String: Any]
        #expect(object?["outcome"] as? String == "\(outcome)")
    }

    @Test func anEventIsOneFlatObject() throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        let json = String(decoding: try encoder.encode(Self.all[1]), as: UTF8.self)
        #expect(json == #"{"event":"playStarted","hosts":["a","b"],"name":"p"}"#)
    }

    @Test(arguments: [#"{"event":"unheardOf"}"#, "{}", #"{"event":"playStarted"}"#])
    func whatIsNoEventIsRefused(json: String) {
        #expect(throws: DecodingError.self) { try JSONDecoder().decode(Event.self, from: Data(json.utf8)) }
    }
}
