/// What the program tells the shell. The numbers are part of the interface: scripts branch on them.
public enum ExitStatus: Int32, Sendable, Codable {
    case success = 0
    /// A fault of the program itself.
    case internalError = 1
    /// A host failed, or a check failed.
    case failed = 2
    /// `plan` found something to change.
    case changesFound = 3
    /// Nothing failed, but at least one host could not be reached.
    case unreachable = 4
    case usage = 64
    /// The project has errors; nothing was connected to.
    case projectErrors = 65
    /// Somebody else holds the deploy lock.
    case lockHeld = 75
    /// Stopped by ctrl-C.
    case interrupted = 130
}

extension ExitStatus {
    /// The status of a run that got as far as hosts.
    ///
    /// Interruption says most, then failure, then unreachable hosts: 4 means that trying again later may be all
    /// it takes, so it must not hide a failure. A check that couldn't be found out is no success. A host
    /// that was never started counts as failed: the run didn't do what was asked.
    /// - Parameters:
    ///   - checks: those whose failure wasn't ignored.
    ///   - plan: whether finding something to change is worth a status of its own.
    public static func of(
        recaps: [HostRecap], checks: [Check] = [], plan: Bool = false, interrupted: Bool = false
    ) -> ExitStatus {
        if interrupted { return .interrupted }
        let missed = checks.contains { $0.status == .fail || $0.status == .unknown }
        if missed || recaps.contains(where: { $0.failed > 0 }) { return .failed }
        if recaps.contains(where: { $0.unreachable > 0 }) { return .unreachable }
        if recaps.contains(where: \.notStarted) { return .failed }
        if plan, recaps.contains(where: { $0.changed > 0 }) { return .changesFound }
        return .success
    }
}
