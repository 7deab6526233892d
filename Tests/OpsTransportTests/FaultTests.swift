import Foundation
import OpsCore
import Synchronization
import Testing

@testable import OpsTransport

/// What breaks on the way, or never answers.
@Suite struct FaultTests {
    @Test func aCutConnectionFailsWhatRunsAndNothingIsRunTwice() async throws {
        let transport = BreakingTransport(.afterOutput(containing: "CUT"))
        let session = HostSession(transport: transport)
        let file = NSTemporaryDirectory() + "opsctl-cut-\(UUID())"
        #expect(try await session.run("echo fine").stdout.text == "fine\n")
        let lost = TransportError.connectionLost(peer: "local", reason: "cut")
        let first = Task { try await session.run("echo CUT; sleep 1") }
        try await Task.sleep(for: .milliseconds(20))
        let second = Task { try await session.run("echo once >>\(file)") }
        await #expect(throws: lost) { _ = try await first.value }
        // It may have run or not, and only the user of the session can know whether to repeat it.
        _ = await second.result
        let text = (try? String(contentsOfFile: file, encoding: .utf8)) ?? ""
        #expect(text.count <= "once\n".count)
        await session.close()
        try? FileManager.default.removeItem(atPath: file)
    }

    @Test func aShellThatNeverAnswersIsGivenUp() async throws {
        let transport = BreakingTransport(.silent)
        let launcher = ShellLauncher(
            transport: transport, become: nil, statistics: StatisticsCounter(), startTimeout: .milliseconds(200))
        let shell = RemoteShell(launcher: launcher)
        await #expect(
            throws: TransportError.timedOut(peer: "local", what: "starting a shell", after: .milliseconds(200))
        ) {
            _ = try await shell.run("true")
        }
        await shell.close()
    }

    @Test func aLoginThatHangsDoesNotKeepASessionOpen() async throws {
        let session = HostSession(transport: BreakingTransport(.hanging))
        let task = Task { try await session.run("true") }
        try await Task.sleep(for: .milliseconds(50))
        await session.close()
        await #expect(throws: TransportError.cancelled(peer: "local")) { _ = try await task.value }
    }

    @Test func aSudoThatNeverAsksIsGivenUp() async throws {
        let transport = BreakingTransport(.silent)
        let launcher = ShellLauncher(
            transport: transport, become: BecomeSettings(password: Secret("geheim")), statistics: StatisticsCounter(),
            becomeTimeout: .milliseconds(200))
        let shell = RemoteShell(launcher: launcher)
        await #expect(throws: BecomeError.timedOut(peer: "local", user: "root", after: .milliseconds(200))) {
            _ = try await shell.run("true")
        }
        await shell.close()
    }

    @Test func refusedInputDoesNotHideHowAScriptEnded() async throws {
        let session = HostSession(transport: BreakingTransport(.refusingInput))
        let chunks = [[UInt8]](repeating: [UInt8](repeating: 0, count: 65536), count: 100)
        let result = try await session.upload(ByteChunks(chunks), to: "sleep 0.2; echo full >&2; exit 3")
        #expect(result.end == .exited(3))
        #expect(result.stderr.text == "full\n")
        await session.close()
    }

    @Test func statisticsAreExact() async throws {
        try await Shell.dash.withSession { session in
            for _ in 0..<5 { _ = try await session.run("echo 12345") }
            let statistics = session.statistics
            #expect(statistics.scripts == 5)
            #expect(statistics.roundTrips == 5)
            #expect(statistics.channels == 1)
            #expect(statistics.bytesReceived > 5 * 6)
            #expect(statistics.bytesSent > 5 * "echo 12345".count)
        }
    }
}

/// This machine behind a connection with a fault.
private final class BreakingTransport: Transport {
    enum Fault: Sendable {
        /// The connection breaks once a program has printed this.
        case afterOutput(containing: String)
        /// Programs start and say nothing.
        case silent
        /// Programs never start.
        case hanging
        /// Input after the first piece, the script, is refused.
        case refusingInput
    }

    private let base = LocalTransport()
    private let fault: Fault
    private let isBroken = Mutex(false)

    init(_ fault: Fault) { self.fault = fault }

    var peer: String { base.peer }

    func start(_ command: String) async throws(TransportError) -> any RemoteProcess {
        switch fault {
        case .silent: return try await base.start("exec sleep 60")
        case .hanging:
            try? await Task.sleep(for: .seconds(3600))
            throw .cancelled(peer: peer)
        case .refusingInput: return RefusingProcess(base: try await base.start(command))
        case .afterOutput(let text):
            if isBroken.withLock({ $0 }) { throw .connectionLost(peer: peer, reason: "cut") }
            return BreakingProcess(base: try await base.start(command), text: text) {
                self.isBroken.withLock { $0 = true }
            }
        }
    }

    func connect(to endpoint: Endpoint) async throws(TransportError) -> SocketDescriptor {
        try await base.connect(to: endpoint)
    }

    func close() async { await base.close() }
}

private struct BreakingProcess: RemoteProcess {
    let base: any RemoteProcess
    let text: String
    let onBreak: @Sendable () -> Void

    func write(_ bytes: [UInt8]) async throws(TransportError) { try await base.write(bytes) }
    func finishInput() async throws(TransportError) { try await base.finishInput() }
    func wait() async throws(TransportError) -> ProcessEnd { try await base.wait() }
    func close() async { await base.close() }

    func read() async throws(TransportError) -> OutputChunk? {
        let chunk = try await base.read()
        if case .stdout(let bytes) = chunk, String(decoding: bytes, as: UTF8.self).contains(text) {
            onBreak()
            throw .connectionLost(peer: "local", reason: "cut")
        }
        return chunk
    }
}

private final class RefusingProcess: RemoteProcess {
    private let base: any RemoteProcess
    private let pieces = Mutex(0)

    init(base: any RemoteProcess) { self.base = base }

    func write(_ bytes: [UInt8]) async throws(TransportError) {
        let count = pieces.withLock { pieces in
            pieces += 1
            return pieces
        }
        if count > 1 { throw .cancelled(peer: "local") }
        try await base.write(bytes)
    }

    func finishInput() async throws(TransportError) { throw .cancelled(peer: "local") }
    func wait() async throws(TransportError) -> ProcessEnd { try await base.wait() }
    func close() async { await base.close() }
    func read() async throws(TransportError) -> OutputChunk? { try await base.read() }
}
