/// The two output streams of a shared shell, split into what belongs to each script.
struct ShellStreams {
    enum Event {
        /// The shell has been set up; this is its process number.
        case ready(Int)
        case output(Nonce, ArraySlice<UInt8>, isError: Bool)
        case begin(Nonce, pid: Int?)
        /// One of the streams has ended.
        case end(Nonce, status: Int)
    }

    private static let longestPreamble = 8 * 1024

    /// What the shell says when it is ready.
    let hello = Nonce()
    /// What came before: the login shell's words, or why there is no shell.
    private(set) var preamble = (
        output: BoundedOutput(limit: longestPreamble), errors: BoundedOutput(limit: longestPreamble)
    )
    private var output = FrameSplitter()
    private var errors = FrameSplitter()

    init() { expect(hello) }

    /// Announces the script that was sent to the shell next.
    mutating func expect(_ nonce: Nonce) {
        output.expect(nonce)
        errors.expect(nonce)
    }

    mutating func feed(_ chunk: OutputChunk) -> [Event] {
        switch chunk {
        case .stdout(let bytes): output.feed(bytes).compactMap { event($0, isError: false) }
        case .stderr(let bytes): errors.feed(bytes).compactMap { event($0, isError: true) }
        }
    }

    private mutating func event(_ event: FrameSplitter.Event, isError: Bool) -> Event? {
        switch event {
        case .output(hello, let bytes):
            if isError { preamble.errors.append(bytes) } else { preamble.output.append(bytes) }
            return nil
        case .end(hello, let number): return .ready(number)
        case .begin(hello, _): return nil
        case .output(let nonce, let bytes): return .output(nonce, bytes, isError: isError)
        case .begin(let nonce, let pid): return .begin(nonce, pid: pid)
        case .end(let nonce, let status): return .end(nonce, status: status)
        }
    }
}
