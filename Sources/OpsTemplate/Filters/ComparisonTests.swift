import OpsCore

extension FunctionTable {
    private static func comparison(_ names: [String], _ comparison: ComparisonOperator) -> [FunctionDefinition] {
        names.map { name in
            FunctionDefinition(name, "other") { call in
                .bool(try JinjaValue.compare(comparison, call.subject, try call.argument(0), call.frame))
            }
        }
    }

    private static func remainder(_ call: Call, by divisor: JinjaValue) throws -> JinjaValue {
        try Operators.apply(.modulo, call.subject, divisor, call.frame)
    }

    /// Tests that compare.
    static let comparisonTests: [FunctionDefinition] =
        comparison(["eq", "==", "equalto"], .equal) + comparison(["ne", "!="], .notEqual)
        + comparison(["lt", "<", "lessthan"], .less) + comparison(["le", "<="], .lessEqual)
        + comparison(["gt", ">", "greaterthan"], .greater) + comparison(["ge", ">="], .greaterEqual)
        + comparison(["in"], .contained)
        + [
            FunctionDefinition("odd") { call in .bool(try remainder(call, by: .int(2)).isEqual(to: .int(1))) },
            FunctionDefinition("even") { call in .bool(try remainder(call, by: .int(2)).isEqual(to: .int(0))) },
            FunctionDefinition("divisibleby", "num") { call in
                .bool(try remainder(call, by: try call.argument(0)).isEqual(to: .int(0)))
            },
            FunctionDefinition("sameas", "other") { call in .bool(isSame(call.subject, try call.argument(0))) },
        ]

    /// Python's `is`: the same object, or an equal simple value of the same kind.
    private static func isSame(_ a: JinjaValue, _ b: JinjaValue) -> Bool {
        switch (a, b) {
        case (.list(let x), .list(let y)), (.tuple(let x), .tuple(let y)): x === y
        case (.map(let x), .map(let y)), (.namespace(let x), .namespace(let y)): x === y
        case (.bool, .bool), (.int, .int), (.double, .double), (.string, .string), (.null, .null),
            (.callable, .callable), (.object, .object):
            a.isEqual(to: b)
        default: false
        }
    }
}
