import OpsTransport
import Synchronization
import Testing

@testable import OpsSSH

@Suite struct GateTests {
    @Test func letsSoManyThroughAtOnce() async {
        let gate = HandshakeGate(limit: 3)
        let state = Occupancy()
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<30 {
                group.addTask {
                    let entered = await gate.enter("host")
                    #expect(entered)
                    state.come()
                    await Task.yield()
                    state.go()
                    gate.leave("host")
                }
            }
        }
        #expect(state.most == 3)
    }

    @Test func letsTheCancelledGo() async {
        let gate = HandshakeGate(limit: 1)
        let places = [await gate.enter("host"), await gate.enter("elsewhere")]
        #expect(places == [true, true])
        let waiting = Task { await gate.enter("host") }
        waiting.cancel()
        let came = await waiting.value
        #expect(!came)
        gate.leave("host")
        let entered = await gate.enter("host")
        #expect(entered)
    }

    @Test func endsWhatTakesTooLong() async {
        await #expect(throws: TransportError.connectTimedOut(peer: "p", after: .milliseconds(20))) {
            try await Deadline(.milliseconds(20)).run(peer: "p") { () async throws(TransportError) in
                do { try await Task.sleep(for: .seconds(60)) } catch { throw .cancelled(peer: "p") }
            }
        }
    }

    @Test func standsStillWhileAPersonThinks() async throws {
        let deadline = Deadline(.milliseconds(50))
        let answer = try await deadline.run(peer: "p") { () async throws(TransportError) in
            await deadline.paused {
                try? await Task.sleep(for: .milliseconds(200))
                return "thought"
            }
        }
        #expect(answer == "thought")
    }
}

/// Counts who is inside.
private final class Occupancy: Sendable {
    private let counts = Mutex((inside: 0, most: 0))

    var most: Int { counts.withLock { $0.most } }

    func come() { counts.withLock { $0 = ($0.inside + 1, max($0.most, $0.inside + 1)) } }
    func go() { counts.withLock { $0.inside -= 1 } }
}
