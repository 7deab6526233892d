import Foundation
import Testing

@testable import OpsProcess

struct LocalProgramTests {
    private func shell(_ command: String, errors: LocalProgram.Errors = .none, deadline: Duration? = nil, maximumOutput: Int = 1 << 20)
        -> LocalProgram
    {
        LocalProgram(["sh", "-c", command], errors: errors, deadline: deadline, maximumOutput: maximumOutput)
    }

    @Test func `what it prints and how it ends`() throws {
        let result = try shell("cat; echo out; echo err >&2; exit 3", errors: .captured).run()
        #expect(String(decoding: result.output, as: UTF8.self) == "out\n")
        #expect(String(decoding: result.errors, as: UTF8.self) == "err\n")
        #expect(result.status == 3)
        #expect(try shell("kill -9 $$").run().status == 137)
    }

    @Test func `more than a pipe holds`() throws {
        let result = try shell("head -c 300000 /dev/zero; head -c 300000 /dev/zero >&2", errors: .captured).run()
        #expect(result.output.count == 300_000 && result.errors.count == 300_000)
    }

    @Test func `it inherits the standard streams and nothing else`() throws {
        let file = open("/dev/null", O_RDONLY)
        defer { close(file) }
        let listed = try shell("ls /proc/self/fd").run()
        // The last one is the directory that `ls` reads.
        #expect(String(decoding: listed.output, as: UTF8.self) == "0\n1\n2\n3\n")
    }

    /// Also if that keeps the output open.
    @Test(arguments: ["", " >/dev/null"])
    func `what it leaves behind is not waited for`(_ redirection: String) throws {
        let began = ContinuousClock.now
        let result = try shell("sleep 60\(redirection) & echo $!; exit 4").run()
        if let left = Int32(String(decoding: result.output, as: UTF8.self).trimmingCharacters(in: .newlines)) { kill(left, SIGKILL) }
        #expect(result.status == 4 && !result.output.isEmpty)
        #expect(ContinuousClock.now - began < .seconds(30))
    }

    /// From a thread of Swift's pool, which holds back signals: the program must not.
    @Test func `signals reach it`() async throws {
        let status = try await Task.detached { try shell("kill -TERM $$; sleep 60").run().status }.value
        #expect(status == 128 + 15)
    }

    @Test func `its limits end it`() throws {
        let began = ContinuousClock.now
        #expect(throws: LocalProgram.Failure.tooLong) { try shell("exec sleep 60", deadline: .milliseconds(50)).run() }
        #expect(throws: LocalProgram.Failure.tooMuch) { try shell("exec cat /dev/zero", maximumOutput: 1000).run() }
        #expect(ContinuousClock.now - began < .seconds(30))
    }

    @Test func `a program that is not there`() {
        #expect(throws: LocalProgram.Failure.notStarted(SystemError(ENOENT))) { try LocalProgram(["/nowhere/program"]).run() }
    }
}
