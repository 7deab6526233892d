import Foundation
import Testing

/// `--output json`: one event per line, and nothing else on standard output.
struct EventTests {
    private func events(_ result: Program.Result) throws -> [[String: Any]] {
        try result.lines.map { try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any]) }
    }

    @Test func `a run's events begin, end and agree with the status`() async throws {
        let project = try Scratch.project("""
            - hosts: all
              tasks:
                - {name: good, command: echo hello}
                - {name: bad, command: "{{ 'false' if inventory_hostname == 'two' else 'true' }}"}
            """)
        let result = try await project.opsctl("run", "site", "lab", "--output", "json")
        let events = try events(result)
        #expect(result.status == 2)
        #expect(events.first?["event"] as? String == "runStarted" && events.last?["event"] as? String == "runFinished", "\(result)")
        #expect(events.allSatisfy { $0["time"] is String })
        let finished = events.filter { $0["event"] as? String == "stepFinished" }
        #expect(finished.count == 6)
        #expect(
            finished.compactMap { $0["outcome"] as? String }.sorted()
                == ["changed", "changed", "changed", "changed", "changed", "failed"])
        let places = finished.compactMap { ($0["ref"] as? [String: Any])?["location"] as? [String: Any] }
        #expect(places.allSatisfy { $0["file"] as? String == "playbooks/site.yml" && $0["line"] is Int })
    }

    @Test func `lines of output stay one event, whatever is in them`() async throws {
        let project = try Scratch.project("- hosts: one\n  tasks:\n    - shell: printf 'a\\nb \"quoted\" \\033[31m\\303\\251\\n\\377'\n")
        let result = try await project.opsctl("run", "site", "lab", "--output", "json")
        let step = try #require(try events(result).first { $0["event"] as? String == "stepFinished" })
        #expect((step["stdout"] as? String)?.hasPrefix("a\nb \"quoted\"") == true, "\(result)")
        #expect(!result.output.contains("\u{1B}"))
    }
}
