import Foundation
import Synchronization

/// Starts programs by `posix_spawn(3)`.
package enum Spawn {
    /// Held while descriptors exist that are not yet marked to be closed in other programs, and while a
    /// program starts: a stray copy of a pipe's end would keep its reader waiting for ever.
    static let lock = Mutex(())

    /// Starts `arguments[0]`, a path or a name on PATH, with this program's environment and directory.
    ///
    /// - Parameters:
    ///   - input: its standard streams; nil is this program's own.
    ///   - inOwnSession: whether signals from this program's terminal pass it by.
    /// - Returns: its process id; whoever starts it has to wait for it
    package static func start(
        _ arguments: [String], input: Descriptor?, output: Descriptor?, errors: Descriptor?, inOwnSession: Bool = false
    ) throws(SystemError) -> pid_t {
        try lock.withLock { _ throws(SystemError) in
            try start(arguments, streams: [input, output, errors], inOwnSession: inOwnSession)
        }
    }

    private static func start(_ arguments: [String], streams: [Descriptor?], inOwnSession: Bool) throws(SystemError) -> pid_t {
        #if canImport(Darwin)
            var actions: posix_spawn_file_actions_t?
            var attributes: posix_spawnattr_t?
        #else
            var actions = posix_spawn_file_actions_t()
            var attributes = posix_spawnattr_t()
        #endif
        posix_spawn_file_actions_init(&actions)
        posix_spawnattr_init(&attributes)
        defer {
            posix_spawn_file_actions_destroy(&actions)
            posix_spawnattr_destroy(&attributes)
        }
        for (number, stream) in streams.enumerated() {
            posix_spawn_file_actions_adddup2(&actions, stream?.rawValue ?? CInt(number), CInt(number))
        }
        for number in openDescriptors { posix_spawn_file_actions_addclose(&actions, number) }
        resetSignals(&attributes)
        posix_spawnattr_setflags(&attributes, flags(inOwnSession: inOwnSession))
        var words = arguments.map { strdup($0) } + [nil]
        defer { words.forEach { free($0) } }
        var pid: pid_t = 0
        let code = posix_spawnp(&pid, arguments[0], &actions, &attributes, &words, environ)
        guard code == 0 else { throw SystemError(code) }
        return pid
    }

    /// What is open beyond the standard streams, as far as it is not closed by `CLOEXEC_DEFAULT`: Foundation opens
    /// files without O_CLOEXEC, and a file that is open for writing somewhere can't be run.
    private static var openDescriptors: [CInt] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")) ?? []
        return names.compactMap { CInt($0) }.filter { $0 > 2 }
    }

    #if canImport(Darwin)
        private typealias Attributes = posix_spawnattr_t?
    #else
        private typealias Attributes = posix_spawnattr_t
    #endif

    /// Signals that this program ignores (SIGPIPE) must not stay ignored in another; nor may those be held back that
    /// the calling thread holds back: threads of Swift's pool hold back all, SIGTERM and ctrl-C's among them.
    private static func resetSignals(_ attributes: inout Attributes) {
        var none = sigset_t()
        sigemptyset(&none)
        var all = sigset_t()
        sigfillset(&all)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setsigdefault(&attributes, &all)
    }

    private static func flags(inOwnSession: Bool) -> Int16 {
        let signals = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF
        #if canImport(Darwin)
            return Int16(signals | POSIX_SPAWN_CLOEXEC_DEFAULT | (inOwnSession ? POSIX_SPAWN_SETSID : 0))
        #else
            // `POSIX_SPAWN_SETSID` of glibc and musl is an extension, which Swift does not see.
            return Int16(signals | (inOwnSession ? 0x80 : 0))
        #endif
    }
}
