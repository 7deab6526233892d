import Foundation
import OpsCore

/// An event as one line of JSON with the time it happened:
/// `{"event":"hostConnected","host":"mon1","peer":"deploy@10.77.0.11:22","seconds":0.046,"time":"2026-11-21T09:30:00.123Z"}`.
///
/// Keys are sorted, so that lines compare well.
public struct EventLine: Codable, Sendable {
    public var time: Date
    public var event: Event

    public init(_ event: Event, at time: Date) {
        self.event = event
        self.time = time
    }

    private enum Key: String, CodingKey { case time }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(time.formatted(Self.format), forKey: .time)
        try event.encode(to: encoder)
    }

    /// - Throws: `DecodingError`.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Key.self)
        let text = try container.decode(String.self, forKey: .time)
        guard let time = try? Self.format.parse(text) else {
            throw DecodingError.dataCorruptedError(forKey: .time, in: container, debugDescription: "no ISO 8601 time")
        }
        self.time = time
        event = try Event(from: decoder)
    }

    /// The line with its newline.
    public var text: String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        // JSON has no infinity; a step that reports one must not cost the event.
        encoder.nonConformingFloatEncodingStrategy = .convertToString(
            positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
        guard let data = try? encoder.encode(self) else { return "" }
        return String(decoding: data, as: UTF8.self) + "\n"
    }

    static let format = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
}
