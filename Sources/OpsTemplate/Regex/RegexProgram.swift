import OpsCore

/// A regular expression as instructions for the matcher.
struct RegexProgram: Sendable {
    enum Instruction: Sendable {
        case scalar(UInt32)
        case foldedScalar(UInt32)
        case any(matchesNewline: Bool)
        case set(Int)
        /// Goes on at the first; if that fails, at the second.
        case split(Int, Int)
        case jump(Int)
        case save(Int)
        case assertion(RegexNode.Assertion)
        case backreference(Int, ignoresCase: Bool)
        case look(program: Int, isNegative: Bool, width: Int?)
        case atomic(program: Int)
        case conditional(group: Int, otherwise: Int)
        /// Notes the position in a register at the start of a loop's round.
        case mark(Int)
        /// Leaves the loop if the round since `mark` matched nothing.
        case progress(Int, exit: Int)
        case match
    }

    var instructions: [Instruction] = []
    var sets: [RegexSet] = []
    /// The programs of lookarounds and atomic groups.
    var inner: [RegexProgram] = []
    var registers = 0
    let groupCount: Int
    let groupNames: [String: Int]

    /// How many instructions an expression may become.
    static let maximumSize = 20_000

    init(_ pattern: String, flags: RegexParser.Flags) throws {
        var parser = RegexParser(pattern, flags: flags)
        let node = try parser.parse()
        groupCount = parser.groupCount
        groupNames = parser.groupNames
        try emit(node)
        instructions.append(.match)
    }

    private init(_ node: RegexNode, groupCount: Int) throws {
        self.groupCount = groupCount
        groupNames = [:]
        try emit(node)
        instructions.append(.match)
    }

    private mutating func emit(_ node: RegexNode) throws {
        guard instructions.count < RegexProgram.maximumSize else {
            throw Diagnostic(code: "template-regex", "the regular expression is too large")
        }
        switch node {
        case .empty: break
        case .scalar(let code, let ignoresCase):
            instructions.append(ignoresCase ? .foldedScalar(RegexSet.fold(code)) : .scalar(code))
        case .any(let matchesNewline): instructions.append(.any(matchesNewline: matchesNewline))
        case .set(let set):
            instructions.append(.set(sets.count))
            sets.append(set)
        case .sequence(let parts): for part in parts { try emit(part) }
        case .alternatives(let branches): try emit(branches)
        case .group(let inner, let number):
            instructions.append(.save(number * 2))
            try emit(inner)
            instructions.append(.save(number * 2 + 1))
        case .repeat(let inner, let min, let max, let kind): try emit(inner, min, max, kind)
        case .assertion(let assertion): instructions.append(.assertion(assertion))
        case .look(let inner, let isAhead, let isNegative):
            instructions.append(
                .look(program: self.inner.count, isNegative: isNegative, width: isAhead ? nil : inner.fixedWidth ?? 0))
            self.inner.append(try RegexProgram(inner, groupCount: groupCount))
        case .atomic(let inner): try emitAtomic(inner)
        case .backreference(let number, let ignoresCase):
            instructions.append(.backreference(number, ignoresCase: ignoresCase))
        case .conditional(let group, let then, let otherwise):
            let start = instructions.count
            instructions.append(.jump(0))
            try emit(then)
            let end = instructions.count
            instructions.append(.jump(0))
            instructions[start] = .conditional(group: group, otherwise: instructions.count)
            try emit(otherwise)
            instructions[end] = .jump(instructions.count)
        }
    }

    private mutating func emitAtomic(_ node: RegexNode) throws {
        instructions.append(.atomic(program: inner.count))
        inner.append(try RegexProgram(node, groupCount: groupCount))
    }

    private mutating func emit(_ branches: [RegexNode]) throws {
        var ends: [Int] = []
        for (index, branch) in branches.enumerated() {
            guard index < branches.count - 1 else { try emit(branch); break }
            let split = instructions.count
            instructions.append(.jump(0))
            try emit(branch)
            ends.append(instructions.count)
            instructions.append(.jump(0))
            instructions[split] = .split(split + 1, instructions.count)
        }
        for end in ends { instructions[end] = .jump(instructions.count) }
    }

    private mutating func emit(_ node: RegexNode, _ min: Int, _ max: Int?, _ kind: RegexNode.Greediness) throws {
        if kind == .possessive { return try emitAtomic(.repeat(node, min: min, max: max, kind: .greedy)) }
        for _ in 0..<min { try emit(node) }
        guard let max else { return try emitLoop(node, kind) }
        var splits: [Int] = []
        for _ in 0..<(max - min) {
            splits.append(instructions.count)
            instructions.append(.jump(0))
            try emit(node)
        }
        for split in splits { instructions[split] = choice(split + 1, instructions.count, kind) }
    }

    private mutating func emitLoop(_ node: RegexNode, _ kind: RegexNode.Greediness) throws {
        let register = registers
        registers += 1
        let start = instructions.count
        instructions.append(.jump(0))
        instructions.append(.mark(register))
        try emit(node)
        let end = instructions.count
        instructions.append(.progress(register, exit: end + 2))
        instructions.append(.jump(start))
        instructions[start] = choice(start + 1, instructions.count, kind)
    }

    private func choice(_ more: Int, _ done: Int, _ kind: RegexNode.Greediness) -> Instruction {
        kind == .lazy ? .split(done, more) : .split(more, done)
    }
}
