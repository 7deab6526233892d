import OpsCore

extension FunctionTable {
    static let mathFilters: [FunctionDefinition] = [
        FunctionDefinition("log", "base?") { call in
            let (argument, base) = (try positive(call), try call[0].map { try number($0, call) })
            if base == 10 { return .double(PythonNumber.decimalLogarithm(argument)) }
            guard let base else { return .double(PythonNumber.naturalLogarithm(argument)) }
            guard base > 0, base != 1 else { throw call.fail("the base must be positive and not 1") }
            return .double(PythonNumber.naturalLogarithm(argument) / PythonNumber.naturalLogarithm(base))
        },
        FunctionDefinition("pow", "y") { call in
            let result = PythonNumber.power(try number(call.subject, call), try number(call.argument(0), call))
            guard result.isFinite else { throw call.fail("the result is not a finite number") }
            return .double(result)
        },
        FunctionDefinition("root", "base?") { call in
            let (radicand, base) = (try number(call.subject, call), try call[0].map { try number($0, call) } ?? 2)
            guard base != 0, radicand >= 0 || base != 2 else { throw call.fail("there is no such root") }
            return .double(base == 2 ? radicand.squareRoot() : PythonNumber.power(radicand, 1 / base))
        },
        FunctionDefinition("human_readable", "isbits? unit?") { call in
            let (size, bits) = (try number(call.subject, call), try call.bool(0))
            let unit = call.given(1)?.text?.uppercased()
            let (suffix, limit) = units.first { name, limit in unit.map { $0 == name } ?? (size >= limit) } ?? ("B", 1)
            let base = bits ? "bits" : "Bytes"
            let name = limit == 1 ? base : suffix + String(base.prefix(1))
            return .string(
                (size < 0 ? "-" : "") + DecimalText.fixed((size / limit).magnitude, precision: 2) + " " + name)
        },
        FunctionDefinition("human_to_bytes", "default_unit? isbits?") { call in
            .int(try bytes(call, unit: call.given(0)?.text, bits: call.bool(1)))
        },
        FunctionDefinition("random", "start? step? seed?") { call in try random(call) },
        FunctionDefinition("shuffle", "seed?") { call in
            var items = try call.subjectItems()
            if let seed = call.given(0), try seed.isTrue() {
                var generator = try MersenneTwister(seed: seed)
                for index in stride(from: items.count - 1, to: 0, by: -1) {
                    items.swapAt(index, generator.below(index + 1))
                }
            } else {
                items.shuffle()
            }
            return .list(items)
        },
    ]

    private static let units: [(String, Double)] = [
        ("Y", 0x1p80), ("Z", 0x1p70), ("E", 0x1p60), ("P", 0x1p50),
        ("T", 0x1p40), ("G", 0x1p30), ("M", 0x1p20), ("K", 0x1p10), ("B", 1),
    ]

    private static func number(_ value: JinjaValue, _ call: Call) throws -> Double {
        guard let number = value.number else { throw call.fail("works on numbers only, not \(value.kindName)") }
        return number
    }

    private static func positive(_ call: Call) throws -> Double {
        let number = try number(call.subject, call)
        guard number > 0 else { throw call.fail("needs a positive number") }
        return number
    }

    /// `10M` and the like as a number of bytes, or of bits.
    private static func bytes(_ call: Call, unit defaultUnit: String?, bits: Bool) throws -> Int {
        let text = try call.subjectPrinted()
        let digits = text.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
        let rest = PythonText.strip(String(text.dropFirst(digits.count)))
        guard let number = Double(digits), digits.last != ".", rest.allSatisfy({ $0.isASCII && $0.isLetter }) else {
            throw call.fail("the size cannot be interpreted")
        }
        guard let unit = rest.isEmpty ? defaultUnit : rest, let first = unit.first else {
            return try PythonNumber.truncate(number.rounded(.toNearestOrEven))
        }
        guard let scale = units.first(where: { $0.0 == first.uppercased() })?.1 else {
            throw call.fail("unknown unit '\(unit)', the suffix must be one of Y, Z, E, P, T, G, M, K, B")
        }
        if unit.count > 1 {
            let key = first.uppercased()
            let long = [
                "Y": "yotta", "Z": "zetta", "E": "exa", "P": "peta", "T": "tera", "G": "giga", "M": "mega", "K": "kilo",
                "B": "",
            ]
            let word = (long[key] ?? "") + (bits ? "bit" : "byte")
            let short = key == "B" ? (bits ? "b" : "B") : key + (bits ? "b" : "B")
            guard unit == short || unit.lowercased() == word else {
                throw call.fail("unknown unit '\(unit)', expected \(short) or \(key)")
            }
        }
        return try PythonNumber.truncate((number * scale).rounded(.toNearestOrEven))
    }

    private static func random(_ call: Call) throws -> JinjaValue {
        let seed = call.given(2)
        var twister = try seed.map { try MersenneTwister(seed: $0) }
        func below(_ count: Int) -> Int { twister?.below(count) ?? Int.random(in: 0..<count) }
        if let end = call.subject.integer {
            let start = try call.given(0).map { _ in try call.int(0) } ?? 0
            let step = try call.given(1).map { _ in try call.int(1) }.flatMap { $0 == 0 ? nil : $0 } ?? 1
            let count = RangeValue(start: start, stop: end, step: step).count
            guard count > 0 else { throw call.fail("the range is empty") }
            return .int(start + step * below(count))
        }
        if call.given(0) != nil || call.given(1) != nil {
            throw call.fail("start and step can only be used with integers")
        }
        let items = try call.subjectItems()
        guard !items.isEmpty else { throw call.fail("the sequence is empty") }
        return items[below(items.count)]
    }
}
