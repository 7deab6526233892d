/// A script with a channel of its own: for input and output of any length.
struct ScriptProcess: Sendable {
    private let launcher: ShellLauncher
    private let process: any RemoteProcess
    private let nonce: Nonce

    /// Starts the script; its standard input is what is written afterwards.
    /// - Throws: `TransportError`, `BecomeError`.
    init(_ script: String, launcher: ShellLauncher) async throws {
        self.launcher = launcher
        nonce = Nonce()
        launcher.statistics.count { statistics in
            statistics.scripts += 1
            statistics.roundTrips += 1
        }
        process = try await launcher.launch(.feeder(nonce))
        do {
            try await process.write(Array((ShellText.environment + script + "\n\(nonce)\n").utf8))
        } catch {
            await process.close()
            throw error
        }
    }

    func write(_ bytes: [UInt8]) async throws(TransportError) { try await process.write(bytes) }
    func finishInput() async throws(TransportError) { try await process.finishInput() }

    /// Gives all output to `receive` and then how the script ended. If this is cancelled, or `receive`
    /// throws, the script and all it started are ended on the host first.
    /// - Parameter hasInput: false if nothing will be written.
    func run(hasInput: Bool, _ receive: (OutputChunk) async throws -> Void) async throws -> ProcessEnd {
        var output = BeginFilter(nonce)
        var errors = BeginFilter(nonce)
        do {
            if !hasInput { try await process.finishInput() }
            while let chunk = try await process.read() {
                switch chunk {
                case .stdout(let bytes):
                    let text = output.feed(bytes)
                    if !text.isEmpty { try await receive(.stdout(text)) }
                case .stderr(let bytes):
                    let text = errors.feed(bytes)
                    if !text.isEmpty { try await receive(.stderr(text)) }
                }
            }
            let end = try await process.wait()
            await process.close()
            guard errors.number != nil else {
                throw launcher.failure(said: output.preamble, errors: errors.preamble, end: end)
            }
            return end
        } catch {
            await abandon(errors.number)
            throw error
        }
    }

    /// Ends the script. Runs outside the task that was cancelled, where nothing could be waited for.
    private func abandon(_ number: Int?) async {
        await Task {
            if let number, number > 0 { await ProcessTree(root: number).end(by: launcher) }
            await process.close()
        }.value
    }
}

/// Lets a stream through from where the script begins: before it stands what the login shell said.
private struct BeginFilter {
    private static let longestPreamble = 16 * 1024

    private let mark: [UInt8]
    private(set) var preamble: [UInt8] = []
    /// The script's process, once it has begun.
    private(set) var number: Int?

    init(_ nonce: Nonce) {
        mark = [FrameSplitter.separator] + Array("B\(nonce) ".utf8)
    }

    mutating func feed(_ bytes: [UInt8]) -> [UInt8] {
        guard number == nil else { return bytes }
        preamble += bytes
        guard let start = preamble.firstRange(of: mark),
            let end = preamble[start.upperBound...].firstIndex(of: FrameSplitter.separator)
        else {
            preamble = preamble.suffix(Self.longestPreamble)
            return []
        }
        number = Int(String(decoding: preamble[start.upperBound..<end], as: UTF8.self)) ?? 0
        return Array(preamble[(end + 1)...])
    }
}

extension ProcessTree {
    /// How long this may take.
    static let limit = Duration.seconds(5)

    /// Ends the processes over a channel of its own, as the same user. A host that cannot be reached any
    /// more ends them itself, when their output has nowhere to go.
    func end(by launcher: ShellLauncher) async {
        try? await withDeadline(Self.limit, error: TransportError.cancelled(peer: launcher.peer)) {
            let nonce = Nonce()
            let process = try await launcher.launch(.feeder(nonce))
            do {
                try await process.write(Array("\(script)\(nonce)\n".utf8))
                try await process.finishInput()
                while try await process.read() != nil {}
            } catch {
                await process.close()
                throw error
            }
            await process.close()
        }
    }
}
