import OpsCore

/// A map whose values are made when they are asked for, and those made so far.
final class LazyMembers {
    let source: any LazyMap
    private let tracker: SecretTracker
    private var known: [String: JinjaValue] = [:]

    init(_ source: any LazyMap, tracker: SecretTracker) {
        self.source = source
        self.tracker = tracker
    }

    func value(_ name: String) throws -> JinjaValue? {
        if let value = known[name] { return value }
        guard let member = try source.member(name) else { return nil }
        let value = JinjaValue(member, tracker: tracker)
        known[name] = value
        return value
    }

    /// All of them, except those that turn out not to be there.
    func items() throws -> MapObject.Items {
        var items = MapObject.Items()
        for name in source.keys { if let value = try value(name) { items[MapKey(.string(name))] = value } }
        return items
    }
}
