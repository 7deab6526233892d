import Foundation

/// The webhooks of Alertmanager (payload version 4) in whatever a receiver shows of what it got.
public struct ReceivedAlerts: Sendable {
    /// How deep the JSON of a stranger is followed.
    private static let depth = 32

    private var statuses: [String: Set<String>] = [:]

    /// - Parameter body: JSON that holds the payloads anywhere, as objects or as text.
    public init(body: [UInt8]) {
        if let json = try? JSONSerialization.jsonObject(with: Data(body), options: .fragmentsAllowed) { read(json, Self.depth) }
    }

    /// Whether an alert of the run came with this status: `firing` or `resolved`.
    public func contains(run: String, status: String) -> Bool { statuses[run]?.contains(status) == true }

    private mutating func read(_ json: Any, _ depth: Int) {
        guard depth > 0 else { return }
        if let object = json as? [String: Any] {
            if object["version"] as? String == "4", let alerts = object["alerts"] as? [[String: Any]] { keep(alerts) }
            for value in object.values { read(value, depth - 1) }
        } else if let list = json as? [Any] {
            for value in list { read(value, depth - 1) }
        } else if let text = json as? String, text.hasPrefix("{"),
            let inner = try? JSONSerialization.jsonObject(with: Data(text.utf8))
        {
            read(inner, depth - 1)
        }
    }

    private mutating func keep(_ alerts: [[String: Any]]) {
        for alert in alerts {
            guard let status = alert["status"] as? String, let labels = alert["labels"] as? [String: Any],
                let run = labels["run_id"] as? String
            else { continue }
            statuses[run, default: []].insert(status)
        }
    }
}
