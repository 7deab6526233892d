import Foundation

/// A program of this machine that is run to its end.
///
/// Foundation's `Process` does not serve for this: on Linux it waits for all that the program has started too (a
/// password script may well start a key agent that stays), and hands on the calling thread's held-back signals, so that
/// neither ctrl-C nor its own `terminate` ends the program.
package struct LocalProgram {
    package enum Input { case none, inherited }

    package enum Errors { case none, inherited, captured }

    package struct Result {
        package var output: [UInt8]
        /// Empty unless captured.
        package var errors: [UInt8]
        /// The exit status; 128 + n if signal n ended it, as in a shell.
        package var status: Int32
    }

    package enum Failure: Error, Equatable {
        case notStarted(SystemError)
        /// The program was killed at its deadline.
        case tooLong
        /// The program was killed as it wrote more than allowed.
        case tooMuch
    }

    private let arguments: [String]
    private let input: Input
    private let errors: Errors
    private let deadline: Duration?
    private let maximumOutput: Int

    /// - Parameters:
    ///   - arguments: the program, as a path or a name on PATH, and its arguments.
    ///   - deadline: nil if it may take as long as it wants, as when it asks a person.
    ///   - maximumOutput: bytes of output, and of captured errors.
    package init(
        _ arguments: [String], input: Input = .none, errors: Errors = .none, deadline: Duration? = nil, maximumOutput: Int = 16 << 20
    ) {
        self.arguments = arguments
        self.input = input
        self.errors = errors
        self.deadline = deadline
        self.maximumOutput = maximumOutput
    }

    /// Runs it and waits. What it leaves behind is not waited for, even if that keeps its output open.
    package func run() throws(Failure) -> Result {
        let (pid, captures) = try start()
        let end = deadline.map { ContinuousClock.now + $0 }
        do throws(Failure) {
            while true {
                if let status = endOfProgram(pid) {
                    for capture in captures { try capture.drain() }
                    return Result(output: captures[0].bytes, errors: captures.count > 1 ? captures[1].bytes : [], status: status)
                }
                if let end, ContinuousClock.now >= end { throw .tooLong }
                Capture.wait(captures)
                for capture in captures { try capture.drain() }
            }
        } catch {
            _ = kill(pid, SIGKILL)
            var status: CInt = 0
            while waitpid(pid, &status, 0) < 0, errno == EINTR {}
            throw error
        }
    }

    private func start() throws(Failure) -> (pid_t, [Capture]) {
        do throws(SystemError) {
            let null = try Descriptor.null()
            let output = try Descriptor.pipe()
            let captured = errors == .captured ? try Descriptor.pipe() : nil
            let pid = try Spawn.start(
                arguments, input: input == .none ? null : nil, output: output.writing,
                errors: captured?.writing ?? (errors == .none ? null : nil))
            return (pid, [output, captured].compactMap { $0 }.map { Capture($0.reading, limit: maximumOutput) })
        } catch { throw .notStarted(error) }
    }

    /// Nil while it runs.
    private func endOfProgram(_ pid: pid_t) -> Int32? {
        var status: CInt = 0
        guard waitpid(pid, &status, WNOHANG) == pid else { return nil }
        let signal = status & 0x7f
        return signal == 0 ? (status >> 8) & 0xff : 128 + signal
    }
}

/// What comes out of one stream of a program.
private final class Capture {
    private let descriptor: Descriptor
    private let limit: Int
    private var isOpen = true
    private(set) var bytes: [UInt8] = []

    init(_ descriptor: Descriptor, limit: Int) {
        self.descriptor = descriptor
        self.limit = limit
        descriptor.setNonBlocking()
    }

    /// Reads what is there.
    func drain() throws(LocalProgram.Failure) {
        while isOpen {
            var chunk = [UInt8](repeating: 0, count: 64 << 10)
            switch chunk.withUnsafeMutableBytes({ descriptor.read(into: $0) }) {
            case .bytes(let count): bytes += chunk[..<count]
            case .wouldBlock: return
            case .ended: isOpen = false
            }
            guard bytes.count <= limit else { throw .tooMuch }
        }
    }

    /// Waits until one has something or has ended, but not for long: the program's own end is not among it.
    static func wait(_ captures: [Capture]) {
        var polled = captures.filter(\.isOpen).map { pollfd(fd: $0.descriptor.rawValue, events: Int16(POLLIN), revents: 0) }
        _ = poll(&polled, nfds_t(polled.count), polled.isEmpty ? 1 : 10)
    }
}
