import Testing

/// `opsctl exec`: output, statuses, and hosts that send what they like.
@Suite(.serialized) struct ExecTests {
    @Test func statusesAndSignalsAreToldApart() async throws {
        try await LabProject.with { project in
            let seven = try await project.opsctl("exec", "test", "--", "sh", "-c", "exit 7")
            #expect(seven.status == 2 && seven.stderr.contains("app1: exit status 7"), "\(seven)")
            let unknown = try await project.opsctl("exec", "test", "--", "no-such-command")
            #expect(unknown.status == 2 && unknown.stderr.contains("app1: exit status 127"), "\(unknown)")
            let killed = try await project.opsctl("exec", "test", "--", "sh", "-c", "kill -9 $$")
            #expect(killed.status == 2 && killed.stderr.contains("app1: killed by signal KILL"), "\(killed)")
            let late = try await project.opsctl("exec", "test", "--timeout", "1s", "--", "sleep", "30")
            #expect(late.status == 2 && late.stderr.contains("did not finish within 1.0 s"), "\(late)")
            #expect(late.seconds < 20)
        }
    }

    @Test func linesCarryTheirHost() async throws {
        try await LabProject.with(inventory: LabProject.both) { project in
            let result = try await project.opsctl("exec", "test", "--", "hostname")
            #expect(result.status == 0, "\(result)")
            #expect(Set(result.stdout.split(separator: "\n")) == ["app1 | app1", "mon1 | mon1"])
        }
    }

    @Test func escapeSequencesDoNotReachTheTerminal() async throws {
        try await LabProject.with { project in
            let result = try await project.opsctl("exec", "test", "--", "printf", #"a\033]0;owned\007\033[2Jb\000\n"#)
            #expect(result.status == 0, "\(result)")
            #expect(!result.stdout.contains("\u{1B}") && !result.stdout.contains("\u{07}") && !result.stdout.contains("\0"))
        }
    }

    @Test func endlessOutputOfAStepIsBounded() async throws {
        try await LabProject.with { project in
            project.steps("""
                - name: Chatter
                  shell: timeout 3 yes "$(printf 'x\\033[31m')" || true
                  register: chatter
                - name: Still here
                  command: echo alive
                """)
            let result = try await project.run("test", "-v")
            #expect(result.status == 0, "\(result.all.suffix(2000))")
            #expect(result.all.utf8.count < 1_000_000)
            #expect(!result.all.contains("\u{1B}"))
            #expect(result.all.contains("alive"))
        }
    }
}
