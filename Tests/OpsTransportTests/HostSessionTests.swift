import Foundation
import OpsTransport
import Testing

@Suite struct HostSessionTests {
    @Test(arguments: Shell.all) func aScriptGivesItsOutputAndStatus(_ shell: Shell) async throws {
        try await shell.withSession { session in
            let result = try await session.run("printf out; printf err >&2; exit 3")
            #expect(result.stdout.text == "out")
            #expect(result.stderr.text == "err")
            #expect(result.end == .exited(3))
            #expect(!result.succeeded)
            #expect(try await session.run("true").succeeded)
        }
    }

    @Test(arguments: Shell.all) func scriptsDoNotInfluenceEachOther(_ shell: Shell) async throws {
        try await shell.withSession { session in
            _ = try await session.run("cd /; x=1; set -e; umask 0; exec >/dev/null")
            _ = try await session.run("if then")
            let result = try await session.run("echo \"${x-none}\"; false; echo $(pwd)")
            #expect(result.stdout.text == "none\n\(FileManager.default.currentDirectoryPath)\n")
            #expect(try await session.run("if then").end != .exited(0))
        }
    }

    @Test(arguments: Shell.all) func theEnvironmentIsThatOfAnAdministrator(_ shell: Shell) async throws {
        try await shell.withSession { session in
            let result = try await session.run("echo $LC_ALL; echo $PATH")
            #expect(result.stdout.text.hasPrefix("C\n"))
            #expect(result.stdout.text.contains(":/usr/sbin:"))
        }
    }

    @Test(arguments: Shell.all) func scriptsMayHoldAnything(_ shell: Shell) async throws {
        try await shell.withSession { session in
            let script = """
                cat <<'END'
                it's "quoted" \\n $HOME `x` !
                END
                printf '%s' 'a b'
                """
            let result = try await session.run(script)
            #expect(result.stdout.text == "it's \"quoted\" \\n $HOME `x` !\na b")
            let long = "# " + String(repeating: "x", count: 200_000) + "\necho ok"
            #expect(try await session.run(long).stdout.text == "ok\n")
        }
    }

    @Test(arguments: Shell.all) func standardInputIsEmptyOrWhatWasGiven(_ shell: Shell) async throws {
        try await shell.withSession { session in
            #expect(try await session.run("cat").stdout.bytes == [])
            let input = Array("it's\n%s \\n".utf8) + [0xFF, 0x1E, 0x0A]
            #expect(try await session.run("cat", input: input).stdout.bytes == input)
            // Nobody reads it: no hang, no message.
            let ignored = try await session.run("true", input: [UInt8](repeating: 0x61, count: 60_000))
            #expect(ignored.succeeded)
            #expect(ignored.stderr.bytes == [])
        }
    }

    @Test(arguments: Shell.all) func inputThatShellsCannotHoldTakesAChannel(_ shell: Shell) async throws {
        try await shell.withSession { session in
            let binary = (0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* 7) }
            let result = try await session.run("cat", input: binary)
            #expect(result.stdout.bytes == binary)
            #expect(result.end == .exited(0))
        }
    }

    @Test(arguments: Shell.all) func binaryOutputComesBackAsItIs(_ shell: Shell) async throws {
        try await shell.withSession { session in
            let result = try await session.run("printf 'a\\000\\036\\036E\\377'; printf '\\036' >&2")
            #expect(result.stdout.bytes == [0x61, 0, 0x1E, 0x1E, 0x45, 0xFF])
            #expect(result.stderr.bytes == [0x1E])
        }
    }

    @Test func endlessOutputIsBounded() async throws {
        try await Shell.dash.withSession { session in
            let result = try await session.run("echo first; head -c 50000000 /dev/zero; echo last", limit: 1000)
            #expect(result.stdout.bytes.count == 1000)
            #expect(result.stdout.dropped == 50_000_011 - 1000)
            #expect(result.stdout.text.hasPrefix("first\n"))
            #expect(result.stdout.text.hasSuffix("last\n"))
            #expect(result.stdout.text.contains("bytes left out"))
        }
    }

    @Test(arguments: Shell.all) func aThousandScriptsAreSentTogether(_ shell: Shell) async throws {
        try await shell.withSession { session in
            let answers = try await withThrowingTaskGroup(of: (Int, String).self) { group in
                for number in 0..<1000 {
                    group.addTask { (number, try await session.run("echo \(number)").stdout.text) }
                }
                return try await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
            }
            #expect(answers.count == 1000)
            #expect(answers.allSatisfy { $0.value == "\($0.key)\n" })
            #expect(session.statistics.scripts == 1000)
            #expect(session.statistics.channels == 1)
            #expect(session.statistics.roundTrips < 1000)
        }
    }

    @Test(arguments: Shell.all) func aKilledShellIsAnErrorAndTheNextScriptGetsANewOne(_ shell: Shell) async throws {
        try await shell.withSession { session in
            let pid = try await session.run("echo $$").stdout.text
            let killed = Task { try await session.run("sleep 0.3; kill -9 $$; sleep 0.1") }
            try await Task.sleep(for: .milliseconds(100))
            let waiting = Task { try await session.run("sleep 0.05; echo $$") }
            await #expect(throws: TransportError.shellEnded(peer: "local", reason: "it was ended by signal KILL")) {
                _ = try await killed.value
            }
            // Sent together with the one that killed the shell, not begun, so run by the next shell.
            let next = try await waiting.value.stdout.text
            #expect(next != pid)
            #expect(try await session.run("echo $$").stdout.text == next)
        }
    }

    @Test(arguments: Shell.all) func aTimeoutEndsTheScriptAndItsChildren(_ shell: Shell) async throws {
        try await shell.withSession { session in
            let file = NSTemporaryDirectory() + "opsctl-timeout-\(UUID())"
            let clock = ContinuousClock()
            let began = clock.now
            await #expect(
                throws: TransportError.timedOut(peer: "local", what: "the command", after: .milliseconds(300))
            ) {
                _ = try await session.run(
                    "trap '' TERM; sleep 60 & echo $! >\(file); (sleep 61; :); sleep 62", timeout: .milliseconds(300))
            }
            #expect(began.duration(to: clock.now) < .seconds(30))
            let pid = try #require(Int(try String(contentsOfFile: file, encoding: .utf8).dropLast()))
            #expect(try await eventually { !isRunning(pid) })
            #expect(try await session.run("echo fine").stdout.text == "fine\n")
            #expect(session.statistics.channels <= 3)
            try FileManager.default.removeItem(atPath: file)
        }
    }

    @Test(arguments: Shell.all) func cancellationEndsTheScript(_ shell: Shell) async throws {
        try await shell.withSession { session in
            let file = NSTemporaryDirectory() + "opsctl-cancel-\(UUID())"
            let task = Task { try await session.run("sleep 70 & echo $! >\(file); wait") }
            #expect(
                try await eventually { (try? String(contentsOfFile: file, encoding: .utf8))?.hasSuffix("\n") ?? false })
            let waiting = Task { try await session.run("echo never") }
            try await Task.sleep(for: .milliseconds(50))
            waiting.cancel()
            task.cancel()
            await #expect(throws: TransportError.cancelled(peer: "local")) { _ = try await task.value }
            await #expect(throws: TransportError.cancelled(peer: "local")) { _ = try await waiting.value }
            let pid = try #require(Int(try String(contentsOfFile: file, encoding: .utf8).dropLast()))
            #expect(try await eventually { !isRunning(pid) })
            #expect(try await session.run("echo fine").stdout.text == "fine\n")
            try FileManager.default.removeItem(atPath: file)
        }
    }

    @Test func closingEndsWhatRuns() async throws {
        let session = HostSession(transport: LocalTransport())
        let file = NSTemporaryDirectory() + "opsctl-close-\(UUID())"
        let task = Task { try await session.run("sleep 80 & echo $! >\(file); wait") }
        #expect(try await eventually { (try? String(contentsOfFile: file, encoding: .utf8))?.hasSuffix("\n") ?? false })
        await session.close()
        await #expect(throws: TransportError.cancelled(peer: "local")) { _ = try await task.value }
        let pid = try #require(Int(try String(contentsOfFile: file, encoding: .utf8).dropLast()))
        #expect(try await eventually { !isRunning(pid) })
        await #expect(throws: TransportError.self) { _ = try await session.run("true") }
        try FileManager.default.removeItem(atPath: file)
    }

    @Test(arguments: Shell.all) func aStreamIsHandedOutAsItComes(_ shell: Shell) async throws {
        try await shell.withSession { session in
            let collector = Collector()
            let end = try await session.stream("cat; echo a; echo b >&2; kill -TERM $$") { await collector.add($0) }
            #expect(await collector.stdout == Array("a\n".utf8))
            #expect(await collector.stderr == Array("b\n".utf8))
            #expect(end == .signaled("TERM"))
        }
    }

    @Test(arguments: Shell.all) func anEndlessStreamEndsWithItsReader(_ shell: Shell) async throws {
        try await shell.withSession { session in
            let collector = Collector()
            struct Enough: Error {}
            await #expect(throws: Enough.self) {
                _ = try await session.stream("echo $$; while :; do echo x; done") { chunk in
                    await collector.add(chunk)
                    if await collector.stdout.count > 100_000 { throw Enough() }
                }
            }
            let text = String(decoding: await collector.stdout, as: UTF8.self)
            let pid = try #require(Int(text.prefix { $0 != "\n" }))
            #expect(try await eventually { !isRunning(pid) })
        }
    }

    @Test(arguments: Shell.all) func aSilentStreamEndsWhenItsTimeIsUp(_ shell: Shell) async throws {
        try await shell.withSession { session in
            let collector = Collector()
            await #expect(throws: TransportError.timedOut(peer: "local", what: "the command", after: .seconds(1))) {
                _ = try await session.stream("echo $$; sleep 90", timeout: .seconds(1)) { await collector.add($0) }
            }
            let pid = try #require(Int(String(decoding: await collector.stdout, as: UTF8.self).dropLast()))
            #expect(try await eventually { !isRunning(pid) })
        }
    }

    @Test(arguments: Shell.all) func anUploadReachesTheScriptWhole(_ shell: Shell) async throws {
        try await shell.withSession { session in
            let chunks = (0..<100).map { [UInt8](repeating: UInt8($0), count: 10_007) }
            let result = try await session.upload(ByteChunks(chunks), to: "wc -c")
            #expect(result.stdout.text.contains("1000700"))
        }
    }

    @Test(arguments: Shell.all) func anUploadThatNobodyReadsSaysHowTheScriptEnded(_ shell: Shell) async throws {
        try await shell.withSession { session in
            let chunks = [[UInt8]](repeating: [UInt8](repeating: 0, count: 65536), count: 1000)
            let result = try await session.upload(ByteChunks(chunks), to: "echo full >&2; exit 2")
            #expect(result.end == .exited(2))
            #expect(result.stderr.text == "full\n")
        }
    }

    @Test func aNULInAScriptIsRefused() async throws {
        try await Shell.dash.withSession { session in
            await #expect(throws: TransportError.self) { _ = try await session.run("echo a\0b") }
        }
    }
}

actor Collector {
    private(set) var stdout: [UInt8] = []
    private(set) var stderr: [UInt8] = []

    func add(_ chunk: OutputChunk) {
        switch chunk {
        case .stdout(let bytes): stdout += bytes
        case .stderr(let bytes): stderr += bytes
        }
    }
}
