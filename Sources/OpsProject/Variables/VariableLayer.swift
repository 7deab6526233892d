import OpsCore
import OrderedCollections

/// Variables that were set at one level by one source.
struct VariableLayer: Sendable {
    var level: VariableLevel
    var variables: OrderedDictionary<String, Located>
    /// Values are results already: never rendered again, whatever they look like.
    var isFinal = false

    init(_ level: VariableLevel, _ variables: OrderedDictionary<String, Located>, isFinal: Bool = false) {
        self.level = level
        self.variables = variables
        self.isFinal = isFinal
    }

    init(_ level: VariableLevel, _ variables: [LocatedVariable]) {
        self.init(level, OrderedDictionary(variables.map { ($0.name, $0.value) }, uniquingKeysWith: { $1 }))
    }
}
