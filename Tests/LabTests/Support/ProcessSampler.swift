import Foundation
import Synchronization

/// Looks at the command lines and environments of all processes again and again: this machine's, the lab hosts' and
/// their containers', for all of them are in this machine's `/proc`.
final class ProcessSampler: Sendable {
    private struct State {
        var seen: Set<[UInt8]> = []
        var rounds = 0
        var isStopped = false
    }

    private let state = Mutex(State())

    /// Begins to look, on a thread of its own.
    init() {
        let thread = Thread { [self] in
            while !state.withLock({ $0.isStopped }) {
                look()
                usleep(5000)
            }
        }
        thread.start()
    }

    private func look() {
        var found: [[UInt8]] = []
        for name in (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? [] where Int(name) != nil {
            for file in ["cmdline", "environ"] { Self.bytes("/proc/\(name)/\(file)").map { found.append($0) } }
        }
        state.withLock { state in
            state.seen.formUnion(found)
            state.rounds += 1
        }
    }

    private static func bytes(_ path: String) -> [UInt8]? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var buffer = [UInt8](repeating: 0, count: 65_536)
        let count = read(descriptor, &buffer, buffer.count)
        return count > 0 ? Array(buffer[..<count]) : nil
    }

    /// Ends it, and writes all that was seen into a file.
    /// - Returns: how often it looked
    func stop(writingTo path: String) throws -> Int {
        try state.withLock { state in
            state.isStopped = true
            try Data(state.seen.joined(separator: [10])).write(to: URL(filePath: path))
            return state.rounds
        }
    }
}
