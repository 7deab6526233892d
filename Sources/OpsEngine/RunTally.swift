import OpsCore
import OpsProject

/// The counts of all hosts over all plays.
struct RunTally {
    private(set) var recaps: [HostRecap] = []
    private var out: Set<String> = []

    /// Whether the host failed in an earlier play and takes no part any more.
    func isOut(_ host: String) -> Bool { out.contains(host) }

    mutating func add(_ recap: HostRecap, isFit: Bool) {
        if !isFit { out.insert(recap.host) }
        guard let index = recaps.firstIndex(where: { $0.host == recap.host }) else {
            recaps.append(recap)
            return
        }
        recaps[index].ok += recap.ok
        recaps[index].changed += recap.changed
        recaps[index].unreachable += recap.unreachable
        recaps[index].failed += recap.failed
        recaps[index].skipped += recap.skipped
        recaps[index].rescued += recap.rescued
        recaps[index].ignored += recap.ignored
    }

    /// A play that couldn't begin fails all its hosts.
    mutating func fail(_ hosts: [String]) {
        for host in hosts {
            var recap = HostRecap(host: host)
            recap.failed = 1
            add(recap, isFit: false)
        }
    }

    mutating func markNotStarted(_ hosts: [String]) {
        for host in hosts where !recaps.contains(where: { $0.host == host }) {
            var recap = HostRecap(host: host)
            recap.notStarted = true
            recaps.append(recap)
        }
        recaps.sort { $0.host < $1.host }
    }
}

extension Play.HostOrder {
    func arrange(_ hosts: [String]) -> [String] {
        switch self {
        case .inventory: hosts
        case .reverseInventory: hosts.reversed()
        case .sorted: hosts.sorted()
        case .reverseSorted: hosts.sorted(by: >)
        case .shuffle: hosts.shuffled()
        }
    }
}
