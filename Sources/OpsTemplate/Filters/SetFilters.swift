import OpsCore

extension FunctionTable {
    /// Set operations keep the order of the first list, then of the second; Ansible's order is arbitrary.
    static let setFilters: [FunctionDefinition] = [
        FunctionDefinition("intersect", "other") { call in
            let (a, b) = try sets(call)
            return .list(distinct(a.filter { b.contains($0) }))
        },
        FunctionDefinition("difference", "other") { call in
            let (a, b) = try sets(call)
            return .list(distinct(a.filter { !b.contains($0) }))
        },
        FunctionDefinition("symmetric_difference", "other") { call in
            let (a, b) = try sets(call)
            return .list(
                distinct(a.filter { !b.contains($0) } + b.items.filter { item in !Membership(a).contains(item) }))
        },
        FunctionDefinition("union", "other") { call in
            let (a, b) = try sets(call)
            return .list(distinct(a + b.items))
        },
        FunctionDefinition("product", "*rest **options") { call in
            let repetitions = call.option("repeat")?.integer ?? 1
            let pools = try ([call.subject] + call.rest).map { try call.frame.iterate($0) }
            guard (0...20).contains(repetitions) else { throw call.fail("'repeat' must be from 0 to 20") }
            return .list(
                try Combinations.product(Array(repeatElement(pools, count: repetitions).joined()), call).map {
                    .tuple($0)
                })
        },
        FunctionDefinition("permutations", "r?") { call in
            let items = try call.subjectItems()
            return .list(
                try Combinations.permutations(items, call.given(0).map { _ in try call.int(0) } ?? items.count, call)
                    .map { .tuple($0) })
        },
        FunctionDefinition("combinations", "r") { call in
            .list(try Combinations.combinations(call.subjectItems(), call.int(0), call).map { .tuple($0) })
        },
        FunctionDefinition("zip", "*rest **options") { call in
            let columns = try ([call.subject] + call.rest).map { try call.frame.iterate($0) }
            let count = columns.map(\.count).min() ?? 0
            if try call.option("strict")?.isTrue() == true, columns.contains(where: { $0.count != count }) {
                throw call.fail("the lists differ in length")
            }
            return .list((0..<count).map { row in .tuple(columns.map { $0[row] }) })
        },
        FunctionDefinition("zip_longest", "*rest **options") { call in
            let columns = try ([call.subject] + call.rest).map { try call.frame.iterate($0) }
            let fill = call.option("fillvalue") ?? .null
            return .list(
                (0..<(columns.map(\.count).max() ?? 0)).map { row in
                    .tuple(columns.map { row < $0.count ? $0[row] : fill })
                })
        },
    ]

    private static func sets(_ call: Call) throws -> ([JinjaValue], Membership) {
        (try call.subjectItems(), Membership(try call.frame.iterate(call.argument(0))))
    }

    private static func distinct(_ items: [JinjaValue]) -> [JinjaValue] {
        var seen: Set<MapKey> = []
        return items.filter { seen.insert(MapKey($0)).inserted }
    }

    static let setTests: [FunctionDefinition] = [
        subset("subset"), subset("issubset"), superset("superset"), superset("issuperset"),
        FunctionDefinition("contains", "value") { call in .bool(try call.subject.contains(call.argument(0), call.frame))
        },
        FunctionDefinition("any") { call in .bool(try call.subjectItems().contains { try $0.isTrue() }) },
        FunctionDefinition("all") { call in .bool(try call.subjectItems().allSatisfy { try $0.isTrue() }) },
    ]

    private static func subset(_ name: String) -> FunctionDefinition {
        FunctionDefinition(name, "other") { call in
            let (a, b) = try sets(call)
            return .bool(a.allSatisfy { b.contains($0) })
        }
    }

    private static func superset(_ name: String) -> FunctionDefinition {
        FunctionDefinition(name, "other") { call in
            let (a, b) = try sets(call)
            let all = Membership(a)
            return .bool(b.items.allSatisfy { all.contains($0) })
        }
    }
}

/// Which values a list has, asked quickly.
struct Membership {
    let items: [JinjaValue]
    private let keys: Set<MapKey>

    init(_ items: [JinjaValue]) {
        self.items = items
        keys = Set(items.map { MapKey($0) })
    }

    func contains(_ value: JinjaValue) -> Bool { keys.contains(MapKey(value)) }
}

/// Python's `itertools`, counted against the limits.
enum Combinations {
    static func product(_ pools: [[JinjaValue]], _ call: Call) throws -> [[JinjaValue]] {
        var result: [[JinjaValue]] = [[]]
        for pool in pools {
            let size = result.count.multipliedReportingOverflow(by: max(pool.count, 1))
            try call.frame.state.charge(size.overflow ? .max : size.partialValue)
            result = result.flatMap { head in pool.map { head + [$0] } }
        }
        return result
    }

    static func permutations(_ items: [JinjaValue], _ length: Int, _ call: Call) throws -> [[JinjaValue]] {
        try choose(items.count, length, call) { used, index in !used.contains(index) }.map { $0.map { items[$0] } }
    }

    static func combinations(_ items: [JinjaValue], _ length: Int, _ call: Call) throws -> [[JinjaValue]] {
        try choose(items.count, length, call) { used, index in index > (used.last ?? -1) }.map { $0.map { items[$0] } }
    }

    /// All sequences of `length` indices in which each index may follow those before it.
    private static func choose(_ count: Int, _ length: Int, _ call: Call, _ mayFollow: ([Int], Int) -> Bool) throws
        -> [[Int]]
    {
        guard length >= 0 else { throw call.fail("the length must not be negative") }
        guard length <= count else { return [] }
        var result: [[Int]] = [[]]
        for _ in 0..<length {
            var longer: [[Int]] = []
            for used in result {
                try call.frame.state.charge(count)
                for index in 0..<count where mayFollow(used, index) { longer.append(used + [index]) }
            }
            result = longer
        }
        return result
    }
}
