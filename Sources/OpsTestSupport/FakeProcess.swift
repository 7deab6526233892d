import OpsTransport
import Synchronization

/// The host's end of the shell protocol (`ShellText` in OpsTransport), without a shell.
final class FakeProcess: RemoteProcess {
    private struct State {
        var input: [UInt8] = []
        var chunks: [OutputChunk] = []
        var end: ProcessEnd?
        var failure: TransportError?
        var reader: CheckedContinuation<Void, Never>?
    }

    private let answer: @Sendable (FakeTransport.Run) -> FakeTransport.Answer?
    /// The line that ends the script of a process of its own; nil for a shared shell.
    private let feederNonce: String?
    private let user: String?
    private let state = Mutex(State())

    init(_ command: String, answer: @escaping @Sendable (FakeTransport.Run) -> FakeTransport.Answer?) {
        self.answer = answer
        feederNonce = Self.word(after: #""$l" = "#, in: command)
        user = Self.word(after: " -u ", in: command)
        if let token = Self.word(after: "' sh 'echo ", in: command) {
            state.withLock { $0.chunks.append(.stderr(Array("\(token)\n".utf8))) }
        }
    }

    func write(_ bytes: [UInt8]) async throws(TransportError) {
        change { state in
            state.input += bytes
            if feederNonce == nil { while answerRequest(&state) {} }
        }
    }

    func finishInput() async throws(TransportError) {
        change { state in
            if let feederNonce { answerFeeder(feederNonce, &state) }
            if state.end == nil { state.end = .exited(0) }
        }
    }

    func read() async throws(TransportError) -> OutputChunk? {
        while true {
            let (chunk, failure, ended) = state.withLock { state in
                (state.chunks.isEmpty ? nil : state.chunks.removeFirst(), state.failure, state.end != nil)
            }
            if let chunk { return chunk }
            if let failure { throw failure }
            if ended { return nil }
            await withTaskCancellationHandler {
                await withCheckedContinuation { reader in change { $0.reader = reader } }
            } onCancel: {
                close(.failure(.cancelled(peer: "fake")))
            }
        }
    }

    func wait() async throws(TransportError) -> ProcessEnd { state.withLock { $0.end } ?? .exited(0) }

    func close() async { close(.success(.signaled("KILL"))) }

    private func close(_ end: Result<ProcessEnd, TransportError>) {
        change { state in
            guard state.end == nil, state.failure == nil else { return }
            switch end {
            case .success(let end): state.end = end
            case .failure(let failure): state.failure = failure
            }
        }
    }

    /// Changes the state and wakes the reader if there is something for it now.
    private func change(_ body: (inout State) -> Void) {
        let reader = state.withLock { state -> CheckedContinuation<Void, Never>? in
            body(&state)
            guard !state.chunks.isEmpty || state.end != nil || state.failure != nil else { return nil }
            defer { state.reader = nil }
            return state.reader
        }
        reader?.resume()
    }
}

extension FakeProcess {
    private typealias Request = Regex<(Substring, input: Substring?, nonce: Substring, script: Substring)>

    /// Answers one request of the shared shell, if all of it is there.
    private func answerRequest(_ state: inout State) -> Bool {
        let hello = #/\nopsctl_end (?<nonce>[0-9a-f]{32}) \$\$\n/#
        let request: Request =
            #/(?s)(?:printf %s '(?<input>.*?)' 2>/dev/null \| )?\(opsctl_begin (?<nonce>[0-9a-f]{32}); eval '(?<script>.*?)'\)(?: </dev/null)?; opsctl_end [0-9a-f]{32} \$\?\n/#
        let text = String(decoding: state.input, as: UTF8.self)
        if let match = text.firstMatch(of: hello) {
            state.chunks += Self.end(match.nonce, 1)
            state.input = Array(text[match.range.upperBound...].utf8)
            return true
        }
        guard let match = text.firstMatch(of: request) else { return false }
        state.input = Array(text[match.range.upperBound...].utf8)
        let run = FakeTransport.Run(
            script: Self.unquoted(match.script), input: Array(Self.unquoted(match.input ?? "").utf8), user: user)
        give(run, &state) { answer in
            [.stderr(Self.begin(match.nonce, answer.stderr)), .stdout(Array(answer.stdout.utf8))]
                + Self.end(match.nonce, answer.status)
        }
        return true
    }

    private func answerFeeder(_ nonce: String, _ state: inout State) {
        guard let last = state.input.firstRange(of: Array("\n\(nonce)\n".utf8)) else { return }
        let text = String(decoding: state.input[..<last.lowerBound], as: UTF8.self)
        let setUp = "export PATH LC_ALL\n"
        let start = text.firstRange(of: setUp)?.upperBound ?? text.startIndex
        let run = FakeTransport.Run(
            script: String(text[start...]), input: Array(state.input[last.upperBound...]), user: user)
        let status = give(run, &state) { answer in
            [.stdout(Self.begin(nonce[...], answer.stdout)), .stderr(Self.begin(nonce[...], answer.stderr))]
        }
        state.end = .exited(status)
    }

    /// Puts the answer into the output; gives its exit status.
    @discardableResult
    private func give(
        _ run: FakeTransport.Run, _ state: inout State, _ chunks: (FakeTransport.Answer) -> [OutputChunk]
    ) -> Int {
        guard let answer = answer(run) else {
            state.failure = .protocolViolation(peer: "fake", reason: "nobody told the fake host about: \(run.script)")
            return 127
        }
        state.chunks += chunks(answer)
        return answer.status
    }

    private static func begin(_ nonce: Substring, _ text: String) -> [UInt8] {
        Array("\u{1E}B\(nonce) 1\u{1E}\(text)".utf8)
    }

    private static func end(_ nonce: Substring, _ status: Int) -> [OutputChunk] {
        let mark = Array("\u{1E}E\(nonce) \(status)\u{1E}".utf8)
        return [.stdout(mark), .stderr(mark)]
    }

    private static func unquoted(_ text: Substring) -> String { String(text).replacing("'\\''", with: "'") }

    private static func word(after mark: String, in text: String) -> String? {
        text.firstRange(of: mark).map { String(text[$0.upperBound...].prefix { !" ';".contains($0) }) }
    }
}
