import Foundation
import OpsProcess
import Synchronization

/// A program started here, in a session of its own so that it ends together with its children.
final class ChildProcess: Sendable {
    private struct State {
        var end: ProcessEnd?
        var waiters: [CheckedContinuation<ProcessEnd, Never>] = []
    }

    let pid: pid_t
    private let state = Mutex(State())

    /// Starts `arguments[0]`, an absolute path, with these three as its standard streams.
    init(arguments: [String], input: Descriptor, output: Descriptor, errors: Descriptor) throws(SystemError) {
        pid = try Spawn.start(arguments, input: input, output: output, errors: errors, inOwnSession: true)
        let thread = Thread { [self] in awaitEnd() }
        thread.stackSize = 64 * 1024
        thread.start()
    }

    /// How the program ended; waits for it without holding a thread of the caller's.
    func end() async -> ProcessEnd {
        await withCheckedContinuation { continuation in
            let known = state.withLock { state -> ProcessEnd? in
                if state.end == nil { state.waiters.append(continuation) }
                return state.end
            }
            if let known { continuation.resume(returning: known) }
        }
    }

    /// Signals the program and all that it started, unless it has ended already: what a program
    /// leaves behind on purpose stays.
    func signalAll(_ signal: CInt) {
        // The lock keeps the process from being reaped, and so its number from being used anew.
        state.withLock { state in
            if state.end == nil { _ = kill(-pid, signal) }
        }
    }

    private func awaitEnd() {
        var info = siginfo_t()
        while waitid(P_PID, id_t(pid), &info, WEXITED | WNOWAIT) != 0 {
            if errno != EINTR { break }
        }
        let (end, waiters) = state.withLock { state in
            var status: CInt = 0
            while waitpid(pid, &status, 0) < 0, errno == EINTR {}
            let end = ProcessEnd(waitStatus: status)
            state.end = end
            defer { state.waiters = [] }
            return (end, state.waiters)
        }
        waiters.forEach { $0.resume(returning: end) }
    }
}

extension ProcessEnd {
    /// Reads the status word of `waitpid(2)`.
    init(waitStatus status: CInt) {
        let signal = status & 0x7f
        self = signal == 0 ? .exited(Int(status >> 8) & 0xff) : .signaled(Self.signalName(signal))
    }

    private static func signalName(_ signal: CInt) -> String {
        let names: [CInt: String] = [
            SIGABRT: "ABRT", SIGALRM: "ALRM", SIGBUS: "BUS", SIGFPE: "FPE", SIGHUP: "HUP", SIGILL: "ILL",
            SIGINT: "INT", SIGKILL: "KILL", SIGPIPE: "PIPE", SIGQUIT: "QUIT", SIGSEGV: "SEGV", SIGTERM: "TERM",
            SIGUSR1: "USR1", SIGUSR2: "USR2",
        ]
        return names[signal] ?? String(signal)
    }
}
