import OpsCore
import Testing

@Suite struct ExitStatusTests {
    private func recap(_ change: (inout HostRecap) -> Void = { _ in }) -> HostRecap {
        var recap = HostRecap(host: "mon1")
        change(&recap)
        return recap
    }

    private func check(_ status: Check.Status) -> Check {
        Check(resource: "grafana", property: "health", expected: "200", actual: "503", status: status)
    }

    @Test func aRunThatDidWhatWasAskedIsASuccess() {
        let recaps = [recap { $0.changed = 3 }, recap { $0.ignored = 1 }, recap { $0.rescued = 1 }]
        #expect(ExitStatus.of(recaps: recaps) == .success)
        #expect(ExitStatus.of(recaps: [], checks: [check(.pass), check(.skip)]) == .success)
    }

    @Test func unreachableHidesNoFailure() {
        let (lost, failed) = (recap { $0.unreachable = 1 }, recap { $0.failed = 1 })
        #expect(ExitStatus.of(recaps: [recap(), lost]) == .unreachable)
        #expect(ExitStatus.of(recaps: [lost, failed]) == .failed)
        #expect(ExitStatus.of(recaps: [lost], checks: [check(.fail)]) == .failed)
        #expect(ExitStatus.of(recaps: [lost, recap { $0.notStarted = true }]) == .unreachable)
    }

    @Test(arguments: [Check.Status.fail, .unknown])
    func aCheckThatDidNotPassIsAFailure(status: Check.Status) {
        #expect(ExitStatus.of(recaps: [recap()], checks: [check(.pass), check(status)]) == .failed)
    }

    @Test func aHostThatWasNeverStartedIsAFailure() {
        #expect(ExitStatus.of(recaps: [recap(), recap { $0.notStarted = true }]) == .failed)
    }

    @Test func onlyAPlanTellsOfChanges() {
        let changed = recap { $0.changed = 1 }
        #expect(ExitStatus.of(recaps: [changed], plan: true) == .changesFound)
        #expect(ExitStatus.of(recaps: [changed, recap { $0.failed = 1 }], plan: true) == .failed)
        #expect(ExitStatus.of(recaps: [recap()], plan: true) == .success)
    }

    @Test func interruptionSaysMost() {
        #expect(ExitStatus.of(recaps: [recap { $0.failed = 1 }], interrupted: true) == .interrupted)
    }
}
