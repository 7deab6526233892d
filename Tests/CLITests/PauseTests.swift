import Foundation
import Testing

/// `pause`, on hosts that are this machine.
struct PauseTests {
    private func project(_ arguments: String) throws -> Scratch {
        try Scratch.project("""
            - hosts: one
              tasks:
                - name: A moment
                  pause: \(arguments)
                  register: paused
                - shell: echo {{ paused.delta | default('none') }} >> {{ log }}

            """)
    }

    @Test func `time passes`() async throws {
        let project = try project("{seconds: 1}")
        let began = ContinuousClock.now
        let result = try await project.opsctl("run", "site", "lab")
        #expect(result.status == 0 && project.log == ["1"], "\(result)")
        #expect(began.duration(to: .now) >= .seconds(1))
    }

    @Test func `check mode doesn't wait`() async throws {
        let began = ContinuousClock.now
        let result = try await project("{minutes: 10}").opsctl("run", "site", "lab", "--check")
        #expect(result.status == 0 && result.output.contains("skipped=2"), "\(result)")
        #expect(began.duration(to: .now) < .seconds(60))
    }

    @Test(arguments: [
        ("{prompt: Go on?}", 65, "'prompt'"), ("{}", 2, "needs 'seconds' or 'minutes'"), ("{minutes: soon}", 2, "a whole number"),
        ("{minutes: -1}", 2, "can't be -1"), ("{minutes: 9223372036854775807}", 2, "can't be 9223372036854775807")])
    func `a pause that would ask, or has no end, is refused`(_ arguments: String, _ status: Int32, _ words: String) async throws {
        let result = try await project(arguments).opsctl("run", "site", "lab")
        #expect(result.status == status && result.errors.contains(words), "\(result)")
    }

    @Test func `ctrl-C ends it`() async throws {
        let project = try project("{minutes: 10}")
        let terminal = try Terminal("run", "site", "lab", in: project)
        try await terminal.expect("pausing for 10 min 0 s")
        try await terminal.type("\u{03}")
        #expect(try await terminal.end().status == 130, "\(terminal.screen)")
        #expect(project.log == [])
    }
}
