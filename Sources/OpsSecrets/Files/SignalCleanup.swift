import Dispatch
import Foundation

/// Removes a file if a signal ends the program meanwhile.
struct SignalCleanup {
    private struct Watch {
        var number: Int32
        var source: any DispatchSourceSignal
        var before: (@convention(c) (Int32) -> Void)?
    }

    private let watches: [Watch]

    init(removing path: String) {
        watches = [SIGINT, SIGTERM, SIGHUP].compactMap { number in
            // A handler, as a program that is started meanwhile would inherit that a signal is ignored.
            let before = signal(number) { _ in }
            guard unsafeBitCast(before, to: Int.self) != unsafeBitCast(SIG_IGN, to: Int.self) else {
                signal(number, SIG_IGN)
                return nil
            }
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler {
                unlink(path)
                _exit(128 + number)
            }
            source.resume()
            return Watch(number: number, source: source, before: before)
        }
    }

    func cancel() {
        for watch in watches {
            watch.source.cancel()
            signal(watch.number, watch.before)
        }
    }
}
