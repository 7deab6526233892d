import OpsCore

/// Runs a regular expression by backtracking, with a stack of its own and a bound on its steps.
struct RegexMatcher {
    private enum Entry {
        /// Another way to go on.
        case branch(instruction: Int, position: Int)
        /// What a group's bound was before.
        case group(Int, Int)
        case register(Int, Int)
    }

    private let program: RegexProgram
    private let text: [UInt32]
    private let limit: Int
    private var steps = 0
    /// Start and end of each group, -1 where it has not matched.
    private(set) var groups: [Int] = []
    /// A match that would be empty here is none.
    var refusedEnd: Int?
    private var requiredEnd: Int?

    init(_ program: RegexProgram, _ text: [UInt32], steps limit: Int) {
        self.program = program
        self.text = text
        self.limit = limit
    }

    /// Matches at `position` exactly, and up to `requiredEnd` if given; the groups tell what.
    mutating func match(at position: Int, requiredEnd: Int? = nil) throws -> Bool {
        self.requiredEnd = requiredEnd
        groups = Array(repeating: -1, count: (program.groupCount + 1) * 2)
        guard let end = try run(program, from: position, isOutermost: true) else { return false }
        groups[0] = position
        groups[1] = end
        return true
    }

    /// The first match at or after `position`.
    mutating func search(from position: Int) throws -> Bool {
        var start = position
        while start <= text.count {
            if try match(at: start) { return true }
            start += 1
        }
        return false
    }

    private mutating func run(_ program: RegexProgram, from start: Int, isOutermost: Bool = false) throws -> Int? {
        var stack: [Entry] = []
        var registers = Array(repeating: -1, count: program.registers)
        var (instruction, position) = (0, start)
        while true {
            steps += 1
            if steps > limit {
                throw Limits.exceeded("the regular expression takes too many steps on this text", limit)
            }
            var fails = false
            switch program.instructions[instruction] {
            case .match:
                let isRefused = start == refusedEnd && position == refusedEnd || position != requiredEnd ?? position
                if !isOutermost || !isRefused { return position }
                fails = true
            case .jump(let target): instruction = target
            case .split(let first, let second):
                stack.append(.branch(instruction: second, position: position))
                instruction = first
            case .save(let index):
                stack.append(.group(index, groups[index]))
                groups[index] = position
                instruction += 1
            case .mark(let register):
                stack.append(.register(register, registers[register]))
                registers[register] = position
                instruction += 1
            case .progress(let register, let exit):
                instruction = registers[register] == position ? exit : instruction + 1
            case .conditional(let group, let otherwise):
                instruction = groups[group * 2 + 1] >= 0 ? instruction + 1 : otherwise
            case let other:
                if let next = try step(other, program, position, &stack) {
                    position = next; instruction += 1
                } else {
                    fails = true
                }
            }
            if fails {
                guard let branch = backtrack(&stack, &registers) else { return nil }
                (instruction, position) = branch
            }
        }
    }

    private mutating func backtrack(_ stack: inout [Entry], _ registers: inout [Int]) -> (Int, Int)? {
        while let entry = stack.popLast() {
            switch entry {
            case .branch(let instruction, let position): return (instruction, position)
            case .group(let index, let old): groups[index] = old
            case .register(let index, let old): registers[index] = old
            }
        }
        return nil
    }

    /// The position after what the instruction matches, nil if it does not match.
    private mutating func step(
        _ instruction: RegexProgram.Instruction, _ program: RegexProgram, _ position: Int, _ stack: inout [Entry]
    ) throws -> Int? {
        switch instruction {
        case .scalar(let code): return position < text.count && text[position] == code ? position + 1 : nil
        case .foldedScalar(let code):
            return position < text.count && RegexSet.fold(text[position]) == code ? position + 1 : nil
        case .any(let matchesNewline):
            return position < text.count && (matchesNewline || text[position] != 10) ? position + 1 : nil
        case .set(let index):
            return position < text.count && program.sets[index].contains(text[position]) ? position + 1 : nil
        case .assertion(let assertion): return holds(assertion, position) ? position : nil
        case .backreference(let group, let ignoresCase): return repeated(group, position, ignoresCase)
        case .look(let index, let isNegative, let width):
            return try look(program.inner[index], isNegative, width, position, &stack)
        case .atomic(let index):
            let before = groups
            guard let end = try run(program.inner[index], from: position) else { groups = before; return nil }
            remember(before, &stack)
            return end
        default: return nil
        }
    }

    private mutating func look(
        _ inner: RegexProgram, _ isNegative: Bool, _ width: Int?, _ position: Int, _ stack: inout [Entry]
    ) throws -> Int? {
        let start = position - (width ?? 0)
        let before = groups
        let matched = try start >= 0 && run(inner, from: start) != nil
        if !matched || isNegative { groups = before } else { remember(before, &stack) }
        return matched != isNegative ? position : nil
    }

    /// Notes the groups that changed, so that backtracking can restore them.
    private func remember(_ before: [Int], _ stack: inout [Entry]) {
        for index in before.indices where before[index] != groups[index] { stack.append(.group(index, before[index])) }
    }

    private func repeated(_ group: Int, _ position: Int, _ ignoresCase: Bool) -> Int? {
        let (start, end) = (groups[group * 2], groups[group * 2 + 1])
        guard start >= 0, end >= start, position + end - start <= text.count else { return nil }
        for offset in 0..<(end - start) {
            let (a, b) = (text[start + offset], text[position + offset])
            guard a == b || (ignoresCase && RegexSet.fold(a) == RegexSet.fold(b)) else { return nil }
        }
        return position + end - start
    }

    private func holds(_ assertion: RegexNode.Assertion, _ position: Int) -> Bool {
        switch assertion {
        case .textStart: position == 0
        case .lineStart: position == 0 || text[position - 1] == 10
        case .textEnd: position == text.count
        case .textEndOrLastNewline: position == text.count || (position == text.count - 1 && text[position] == 10)
        case .lineEnd: position == text.count || text[position] == 10
        case .wordBoundary: isBoundary(position)
        case .notWordBoundary: !text.isEmpty && !isBoundary(position)
        }
    }

    private func isBoundary(_ position: Int) -> Bool {
        let before = position > 0 && RegexSet.isWord(text[position - 1])
        let after = position < text.count && RegexSet.isWord(text[position])
        return before != after
    }
}
