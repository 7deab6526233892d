import OpsCore
import OpsYAML
import OrderedCollections

/// A value as it was written, with the place of every part of it.
public struct Located: Sendable, Hashable {
    public var value: Value
    public var place: Place

    public var location: SourceLocation { place.location }

    public init(_ value: Value, at location: SourceLocation) {
        self.init(value, place: Place(location))
    }

    public init(_ value: Value, place: Place) {
        self.value = value
        self.place = place
    }

    public init(_ node: YAMLNode) {
        self.init(node.value, place: Place(node))
    }
}

/// Where a value stands, how its texts may be used, and the same for its parts.
public struct Place: Sendable, Hashable {
    public var location: SourceLocation
    public var handling: YAMLNode.Handling
    /// Where a text begins, counted from its place.
    public var text = YAMLNode.TextOrigin()
    /// The text comes from an encrypted file: what is rendered from it is secret.
    public var isSecret: Bool
    /// One for each item of a list or value of a map, in order; empty if the parts have no places of their own.
    public var parts: [Place]

    public init(
        _ location: SourceLocation, handling: YAMLNode.Handling = .plain, isSecret: Bool = false, parts: [Place] = []
    ) {
        self.location = location
        self.handling = handling
        self.isSecret = isSecret
        self.parts = parts
    }

    public init(_ node: YAMLNode) {
        self.init(node.location, handling: node.handling)
        text = node.text
        switch node.content {
        case .scalar: break
        case .sequence(let items): parts = items.map(Place.init)
        case .mapping(let entries): parts = entries.map { Place($0.value) }
        }
    }

    /// The place of one part; the whole's if parts have none of their own.
    public subscript(part index: Int) -> Place {
        parts.indices.contains(index) ? parts[index] : Place(location, handling: handling, isSecret: isSecret)
    }

    /// The same place, with every text in it marked as secret.
    public var secret: Place {
        var copy = self
        copy.isSecret = true
        copy.parts = parts.map(\.secret)
        return copy
    }
}

extension Located {
    /// Variables as the entries of one mapping; of several with the same name the last counts.
    public init(mapping variables: [LocatedVariable], at location: SourceLocation) {
        let table = OrderedDictionary(variables.map { ($0.name, $0.value) }) { $1 }
        let map = ValueMap(uniqueKeysWithValues: table.map { (.string($0.key), $0.value.value) })
        self.init(.map(map), place: Place(location, parts: table.values.map(\.place)))
    }

    /// Items of a list with their places; a single value counts as a list of one.
    public var items: [Located] {
        guard case .list(let values) = value else { return [self] }
        return values.enumerated().map { Located($1, place: place[part: $0]) }
    }

    /// Keys and values of a map with the places of the values; nil if it is no map.
    public var entries: [(key: Value, value: Located)]? {
        guard case .map(let map) = value else { return nil }
        return map.enumerated().map { ($1.key, Located($1.value, place: place[part: $0])) }
    }
}

/// A name, its unrendered value, and where it was set.
public struct LocatedVariable: Sendable, Hashable {
    public var name: String
    public var value: Located

    public init(name: String, value: Located) {
        self.name = name
        self.value = value
    }
}
