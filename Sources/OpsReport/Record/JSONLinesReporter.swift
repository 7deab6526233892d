import Foundation
import OpsCore

/// Writes one event per line as JSON, and nothing else.
public struct JSONLinesReporter: Reporter {
    private let sink: Sink
    private let date: @Sendable () -> Date

    public init(_ sink: Sink, date: @escaping @Sendable () -> Date = { Date() }) {
        self.sink = sink
        self.date = date
    }

    public func report(_ event: Event) { sink.write(EventLine(event, at: date()).text) }

    public func finish() {}
}
