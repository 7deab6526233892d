import OpsReport
import Synchronization

/// Remembers what was written.
final class Recording: Sendable {
    private let written = Mutex("")

    var text: String { written.withLock { $0 } }

    var sink: Sink {
        Sink { [self] text in written.withLock { $0 += text } }
    }
}

/// A clock that tests set.
final class TestClock: Sendable {
    private let time = Mutex(Duration.zero)

    @Sendable func now() -> Duration { time.withLock { $0 } }

    func advance(seconds: Double) { time.withLock { $0 += .seconds(seconds) } }
}
