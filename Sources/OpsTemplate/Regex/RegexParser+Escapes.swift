import OpsCore

extension RegexParser {
    /// What follows a backslash outside of a set.
    mutating func parseEscape() throws -> RegexNode {
        guard let scalar = current else { throw fail("bad escape (end of pattern)") }
        switch scalar {
        case "A": index += 1; return .assertion(.textStart)
        case "Z": index += 1; return .assertion(.textEnd)
        case "b": index += 1; return .assertion(.wordBoundary)
        case "B": index += 1; return .assertion(.notWordBoundary)
        case "1"..."9":
            let start = index
            guard let number = parseNumber(), number < 100 else { throw fail("bad escape") }
            guard number <= groupCount else {
                index = start
                throw fail("invalid group reference \(number)")
            }
            if isOpen(number) { throw fail("cannot refer to an open group") }
            return .backreference(number, ignoresCase: flags.ignoresCase)
        default: break
        }
        switch try parseClassEscape() {
        case .range(let range): return .scalar(range.lowerBound, ignoresCase: flags.ignoresCase)
        case let item: return .set(RegexSet(items: [item]))
        }
    }

    /// An escape that stands for characters, in and outside of sets. A single one is a range of itself.
    private mutating func parseClassEscape() throws -> RegexSet.Item {
        guard let scalar = current else { throw fail("bad escape (end of pattern)") }
        index += 1
        switch scalar {
        case "d": return .digit(true)
        case "D": return .digit(false)
        case "s": return .space(true)
        case "S": return .space(false)
        case "w": return .word(true)
        case "W": return .word(false)
        case "n": return single(10)
        case "t": return single(9)
        case "r": return single(13)
        case "f": return single(12)
        case "v": return single(11)
        case "a": return single(7)
        case "x": return single(try hex(2))
        case "u": return single(try hex(4))
        case "U": return single(try hex(8))
        case "0"..."7":
            var value = scalar.value - 0x30
            var count = 1
            while count < 3, let digit = current, ("0"..."7").contains(digit) {
                value = value * 8 + digit.value - 0x30
                index += 1
                count += 1
            }
            return single(value)
        default:
            if scalar.isASCII, scalar.properties.isAlphabetic || RegexSet.isDigit(scalar.value) {
                throw fail("bad escape \\\(scalar)")
            }
            return single(scalar.value)
        }
    }

    private func single(_ code: UInt32) -> RegexSet.Item { .range(code...code) }

    private mutating func hex(_ width: Int) throws -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<width {
            guard let scalar = current, let digit = Character(scalar).hexDigitValue else {
                throw fail("incomplete escape")
            }
            value = value << 4 | UInt32(digit)
            index += 1
        }
        return value
    }

    /// The rest of `[…]`.
    mutating func parseSet() throws -> RegexSet {
        let start = index
        var set = RegexSet(items: [], isNegated: take("^"), ignoresCase: flags.ignoresCase)
        var isFirst = true
        while true {
            guard let scalar = current else {
                index = start
                throw fail("unterminated character set")
            }
            if scalar == "]", !isFirst {
                index += 1
                return set
            }
            isFirst = false
            let item = try parseSetItem()
            guard current == "-", index + 1 < scalars.count, scalars[index + 1] != "]" else {
                set.items.append(item)
                continue
            }
            index += 1
            guard case .range(let low) = item, case .range(let high) = try parseSetItem(),
                low.lowerBound <= high.lowerBound
            else { throw fail("bad character range") }
            set.items.append(.range(low.lowerBound...high.lowerBound))
        }
    }

    private mutating func parseSetItem() throws -> RegexSet.Item {
        guard let scalar = current else { throw fail("unterminated character set") }
        guard scalar == "\\" else {
            index += 1
            return single(scalar.value)
        }
        index += 1
        if take("b") { return single(8) }
        return try parseClassEscape()
    }
}
