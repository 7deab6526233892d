/// Code that runs in a frame of its own: a template, block, macro or recursive loop.
final class UnitBuilder {
    let parent: UnitBuilder?
    private(set) var slotCount = 0

    init(parent: UnitBuilder?) { self.parent = parent }

    func newSlot() -> Int {
        defer { slotCount += 1 }
        return slotCount
    }
}

/// The variables that a part of the template binds, while it is compiled.
final class ScopeBuilder {
    let unit: UnitBuilder
    let parent: ScopeBuilder?
    /// Whether this is a template's top level, whose variables are exported.
    let isTopLevel: Bool
    private var variables: [String: (slot: Int, isAlwaysSet: Bool)] = [:]
    private var order: [String] = []
    private let firstSlot: Int

    init(_ unit: UnitBuilder, parent: ScopeBuilder?, isTopLevel: Bool = false) {
        self.unit = unit
        self.parent = parent
        self.isTopLevel = isTopLevel
        firstSlot = unit.slotCount
    }

    /// The slots made since the scope began; those of inner scopes are among them.
    var slots: Range<Int> { firstSlot..<unit.slotCount }

    /// Binds a name; `isAlwaysSet` if it has a value whenever code of this scope runs.
    @discardableResult
    func declare(_ name: String, isAlwaysSet: Bool = false) -> Int {
        if let known = variables[name] { return known.slot }
        let slot = unit.newSlot()
        variables[name] = (slot, isAlwaysSet)
        order.append(name)
        return slot
    }

    func variable(_ name: String) -> (slot: Int, isAlwaysSet: Bool)? { variables[name] }

    /// All names bound here or further out, the innermost first, each once.
    var visibleNames: [String] {
        var names = order
        var seen = Set(order)
        var scope = parent
        while let current = scope {
            for name in current.order where seen.insert(name).inserted { names.append(name) }
            scope = current.parent
        }
        return names
    }
}
