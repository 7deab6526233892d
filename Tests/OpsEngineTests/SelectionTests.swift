import OpsCore
import OpsProject
import Testing

@testable import OpsEngine

@Suite struct TagSelectionTests {
    @Test(arguments: [
        ([], [], [], true), ([], [], ["never"], false), (["x"], [], ["never", "x"], true), (["x"], [], [], false),
        (["x"], [], ["always"], true), ([], ["always"], ["always"], false), (["tagged"], [], ["a"], true), (["tagged"], [], [], false),
        (["untagged"], [], [], true), (["untagged"], [], ["a"], false), ([], ["a"], ["a", "b"], false), (["a"], ["b"], ["a", "b"], false),
        (["all"], [], ["a"], true), ([], ["x"], ["always", "x"], false),
    ] as [([String], [String], [String], Bool)])
    func follows_ansible(only: [String], skip: [String], tags: [String], expected: Bool) {
        #expect(TagSelection(only: only, skip: skip).selects(tags) == expected)
    }
}

@Suite struct BatchPlanTests {
    private let hosts = (1...10).map { "h\($0)" }

    private func sizes(_ values: Value...) -> [Located] { values.map { Located($0, at: SourceLocation(file: "x")) } }

    @Test func cuts() throws {
        #expect(try BatchPlan.batches(hosts, sizes: []).map(\.count) == [10])
        #expect(try BatchPlan.batches(hosts, sizes: sizes(3)).map(\.count) == [3, 3, 3, 1])
        #expect(try BatchPlan.batches(hosts, sizes: sizes(1, "30%")).map(\.count) == [1, 3, 3, 3])
        #expect(try BatchPlan.batches(hosts, sizes: sizes("5%")).map(\.count) == Array(repeating: 1, count: 10))
        #expect(try BatchPlan.batches(hosts, sizes: sizes(0)).map(\.count) == [10])
        #expect(try BatchPlan.batches([], sizes: sizes(3)).isEmpty)
    }

    @Test(arguments: [Value.string("many"), "-1", .bool(true)])
    func refusesNonsense(size: Value) {
        #expect(throws: Diagnostic.self) { try BatchPlan.batches(hosts, sizes: [Located(size, at: SourceLocation(file: "x"))]) }
    }
}

@Suite struct BatchCoordinatorTests {
    @Test func aBarrierWaitsForAllThatStillRun() async {
        let coordinator = BatchCoordinator(hosts: ["a", "b", "c"])
        await coordinator.leave("c", failed: true)
        await withTaskGroup { group in
            group.addTask { await coordinator.arrive("a", at: 1) }
            group.addTask { await coordinator.arrive("b", at: 1) }
        }
        #expect(await coordinator.abortReason == nil)
    }

    @Test func aHostThatLeavesOpensTheBarrier() async {
        let coordinator = BatchCoordinator(hosts: ["a", "b"])
        await withTaskGroup { group in
            group.addTask { await coordinator.arrive("a", at: 1) }
            group.addTask { await coordinator.leave("b", failed: false) }
        }
    }

    @Test func runOnceRunsOnce() async {
        let coordinator = BatchCoordinator(hosts: ["a", "b", "c"])
        let mine = await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<3 {
                group.addTask {
                    guard case .mine = await coordinator.claim(7) else { return false }
                    await coordinator.publish(.skipped("done"), of: 7)
                    return true
                }
            }
            return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(mine == 1)
    }

    @Test func tooManyFailuresEndTheBatch() async {
        let coordinator = BatchCoordinator(hosts: ["a", "b", "c", "d"])
        await coordinator.leave("a", failed: true)
        await coordinator.checkFailures(most: 25)
        #expect(await coordinator.abortReason == nil)
        await coordinator.leave("b", failed: true)
        await coordinator.checkFailures(most: 25)
        #expect(await coordinator.abortReason != nil)
    }
}
