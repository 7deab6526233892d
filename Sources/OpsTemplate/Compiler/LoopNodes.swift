import OpsCore

/// The parts of a `for` that a recursive loop runs again for each level.
final class LoopCode: Sendable {
    let target: Target
    let test: (any ExpressionNode)?
    let body: Body
    let otherwise: CapturedStatements
    /// All variables of the loop's scope.
    let slots: Range<Int>
    /// Those that a round may leave unset, and that are cleared before each.
    private let varying: Range<Int>
    /// Where `loop` is, if the body mentions it.
    let loopSlot: Int?
    let offset: Int

    init(
        target: Target, test: (any ExpressionNode)?, body: Body, otherwise: CapturedStatements,
        slots: Range<Int>, loopSlot: Int?, offset: Int
    ) {
        self.target = target
        self.test = test
        self.body = body
        self.otherwise = otherwise
        self.slots = slots
        varying = target.leading(slots)..<slots.upperBound
        self.loopSlot = loopSlot
        self.offset = offset
    }

    /// - Parameter recurse: what `loop(…)` calls, in a recursive loop.
    func run(
        _ value: JinjaValue, depth: Int, _ frame: Frame, _ output: inout Output, recurse: LoopObject.Recursion? = nil
    ) throws {
        var source = try frame.located(offset) { try LoopSource(value, frame) }
        let charged = source.count
        if loopSlot != nil, let test { source = .items(try selected(source.items, test, frame)) }
        let loop = loopSlot.map { _ in LoopObject(source, depth: depth, recurse: recurse) }
        if case .list(let list) = source {
            var cursor = ListCursor(list)
            return try rounds(frame, &output) { index in
                guard let item = cursor.item(index) else { return false }
                // What the rounds themselves add to a list has not been counted yet.
                if index >= charged { try frame.located(offset) { try frame.state.charge(1) } }
                try begin(index, item, loop, frame)
                return true
            }
        }
        try rounds(frame, &output) { index in
            try frame.located(offset) { try source.check() }
            guard let item = source[index] else { return false }
            try begin(index, item, loop, frame)
            return true
        }
    }

    @inline(__always)
    private func begin(_ index: Int, _ item: consuming JinjaValue, _ loop: LoopObject?, _ frame: Frame) throws {
        guard let loop, let loopSlot else { return try bind(item, frame) }
        try bind(copy item, frame)
        loop.advance(to: index, item)
        frame[loopSlot] = .object(loop)
    }

    /// Runs over keys and values without making tuples of them; false if the loop needs those.
    func run(pairs: Pairs, _ frame: Frame, _ output: inout Output) throws -> Bool {
        guard loopSlot == nil, case .tuple(let targets) = target, targets.count == 2,
            case .slot(let key, _) = targets[0], case .slot(let value, _) = targets[1]
        else { return false }
        try frame.located(offset) { try frame.state.charge(pairs.count) }
        let count = pairs.count
        try rounds(frame, &output) { index in
            guard index < count else { return false }
            frame[key] = pairs.key(index)
            frame[value] = pairs.value(index)
            return true
        }
        return true
    }

    /// - Parameter bind: sets the loop's variables for a round; false after the last.
    @inline(__always)
    private func rounds(_ frame: Frame, _ output: inout Output, bind: (Int) throws -> Bool) throws {
        // As in Jinja2, a round that 'break' or 'continue' ends does not count for 'else'.
        var isEmpty = true
        defer { frame.clear(slots) }
        for index in 0... {
            frame.clear(varying)
            guard try bind(index) else { break }
            if loopSlot == nil, let test, try !test.evaluate(frame).isTrue() { continue }
            let flow = try body.run(frame, &output)
            if flow == .normal { isEmpty = false }
            if flow == .breaks { break }
        }
        if isEmpty { try otherwise.run(frame, &output) }
    }

    @inline(__always)
    private func bind(_ item: consuming JinjaValue, _ frame: Frame) throws {
        if case .slot(let slot, _) = target {
            frame[slot] = item
        } else {
            try frame.located(offset) { try target.bind(item, frame) }
        }
    }

    private func selected(_ items: [JinjaValue], _ test: any ExpressionNode, _ frame: Frame) throws -> [JinjaValue] {
        try items.filter { item in
            frame.clear(slots)
            try bind(item, frame)
            return try test.evaluate(frame).isTrue()
        }
    }
}

extension Target {
    /// The first of a scope's variables behind those that binding this target sets.
    fileprivate func leading(_ slots: Range<Int>) -> Int {
        var bound: Set<Int> = []
        collectSlots(into: &bound)
        return slots.first { !bound.contains($0) } ?? slots.upperBound
    }

    private func collectSlots(into slots: inout Set<Int>) {
        switch self {
        case .slot(let slot, _): slots.insert(slot)
        case .tuple(let targets): for target in targets { target.collectSlots(into: &slots) }
        case .attribute: break
        }
    }
}

/// Statements with a scope of their own.
struct CapturedStatements: Sendable {
    let body: Body
    let slots: Range<Int>

    func run(_ frame: Frame, _ output: inout Output) throws {
        if body.isEmpty { return }
        frame.clear(slots)
        _ = try body.run(frame, &output)
    }
}

final class ForNode: StatementNode {
    private let iterable: any ExpressionNode
    private let code: LoopCode

    init(_ iterable: any ExpressionNode, _ code: LoopCode) {
        self.iterable = iterable
        self.code = code
    }

    func run(_ frame: Frame, _ output: inout Output) throws -> Flow {
        let value = try iterable.evaluate(frame)
        if case .list(let list) = value, let pairs = list.pairs, try code.run(pairs: pairs, frame, &output) {
            return .normal
        }
        try code.run(value, depth: 0, frame, &output)
        return .normal
    }
}

/// `for … recursive`: every level has a frame of its own.
final class RecursiveForNode: StatementNode {
    private let iterable: any ExpressionNode
    private let code: LoopCode
    private let slotCount: Int

    init(_ iterable: any ExpressionNode, _ code: LoopCode, slotCount: Int) {
        self.iterable = iterable
        self.code = code
        self.slotCount = slotCount
    }

    func run(_ frame: Frame, _ output: inout Output) throws -> Flow {
        let value = try iterable.evaluate(frame)
        try runLevel(value, depth: 0, parent: frame, &output)
        return .normal
    }

    private func runLevel(_ value: JinjaValue, depth: Int, parent: Frame, _ output: inout Output) throws {
        let frame = Frame(parent.instance, slots: slotCount, parent: parent, autoescape: parent.autoescape)
        try frame.state.called(frame.instance.template.height) {
            try code.run(value, depth: depth, frame, &output) { [self] value in
                var inner = Output(parent.state, keepsTypes: false)
                try runLevel(value, depth: depth + 1, parent: parent, &inner)
                return try inner.value(parent)
            }
        }
    }
}
