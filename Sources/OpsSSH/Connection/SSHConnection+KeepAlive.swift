import NIOCore
import OpsCore
import OpsTransport

extension SSHConnection {
    /// Watches for a dead peer: after an interval without any bytes the host is asked for an answer, and
    /// after too many of those the connection counts as lost.
    func keepAlive(_ settings: KeepAlive?) {
        guard let settings, settings.interval > .zero else { return }
        let interval = TimeAmount.nanoseconds(Int64(settings.interval.seconds * 1e9))
        loop.scheduleRepeatedTask(initialDelay: interval, delay: interval) { [weak self] task in
            guard let self, assumeIsolated({ $0.checkLife(settings) }) else { return task.cancel() }
        }
    }

    /// False when there is nothing to watch any more.
    private func checkLife(_ settings: KeepAlive) -> Bool {
        if failure != nil { return false }
        silentIntervals = bytesReceived == bytesSeen ? silentIntervals + 1 : 0
        bytesSeen = bytesReceived
        if silentIntervals > settings.countMax {
            let silence = (settings.interval * silentIntervals).brief
            fail(.connectionLost(peer: peer, reason: "no sign of life for \(silence)"))
        } else if silentIntervals > 0 {
            probe()
        }
        return true
    }
}
