import OpsCore
import OrderedCollections

/// Variables that were set at one level by one source.
struct VariableLayer: Sendable {
    var level: VariableLevel
    var variables: OrderedDictionary<String, Located>
    /// What this source set before, for `--explain`; values in `variables` win.
    var overwritten: [LocatedVariable] = []
    /// Values are results already: never rendered again, whatever they look like.
    var isFinal = false

    init(
        _ level: VariableLevel, _ variables: OrderedDictionary<String, Located>, overwritten: [LocatedVariable] = [],
        isFinal: Bool = false
    ) {
        self.level = level
        self.variables = variables
        self.overwritten = overwritten
        self.isFinal = isFinal
    }

    init(_ level: VariableLevel, _ table: VariableTable) {
        self.init(level, table.current, overwritten: table.overwritten)
    }

    init(_ level: VariableLevel, _ variables: [LocatedVariable]) {
        self.init(level, OrderedDictionary(variables.map { ($0.name, $0.value) }, uniquingKeysWith: { $1 }))
    }
}

/// Variables by name, and those that lost to a later one of the same name.
struct VariableTable: Sendable {
    private(set) var current: OrderedDictionary<String, Located> = [:]
    /// In the order in which they were set.
    private(set) var overwritten: [LocatedVariable] = []

    mutating func set(_ variable: LocatedVariable) {
        guard let old = current.updateValue(variable.value, forKey: variable.name) else { return }
        overwritten.append(LocatedVariable(name: variable.name, value: old))
    }
}
