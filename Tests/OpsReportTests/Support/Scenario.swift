import OpsCore

/// A run as a list of events, with the time that passes before each.
struct Scenario: Sendable {
    struct Moment: Sendable {
        var after: Double
        var event: Event
    }

    var moments: [Moment] = []
    private var recaps: [HostRecap] = []
    private var steps: [String: Int] = [:]
    private var time = 0.0

    init(
        _ command: String = "deploy", hosts: [String], playbook: String = "playbooks/deploy.yml",
        inventory: String = "inventory/production.yml", checkMode: Bool = false
    ) {
        add(
            .runStarted(
                .init(
                    run: "20261121T093000Z-3fa2", command: command, playbook: playbook, inventory: inventory,
                    checkMode: checkMode, hosts: hosts.count)))
        recaps = hosts.map { HostRecap(host: $0) }
    }

    mutating func add(_ event: Event, after: Double = 0) {
        time += after
        moments.append(Moment(after: after, event: event))
    }

    mutating func play(_ name: String, _ hosts: [String]) { add(.playStarted(.init(name: name, hosts: hosts))) }

    mutating func connect(_ hosts: [String]) {
        for (index, host) in hosts.enumerated() {
            add(.hostConnected(.init(host: host, peer: "deploy@10.77.0.\(11 + index):22", seconds: 0.046)), after: 0.01)
        }
    }

    func ref(_ host: String, _ name: String, _ module: String, handler: Bool = false) -> Event.StepRef {
        let number = steps[name] ?? 0
        return Event.StepRef(
            host: host, step: number, name: name, module: module,
            location: SourceLocation(file: "playbooks/deploy.yml", line: 10 + 4 * number, column: 7), isHandler: handler
        )
    }

    @discardableResult
    mutating func start(_ host: String, _ name: String, _ module: String, handler: Bool = false) -> Event.StepRef {
        steps[name] = steps[name] ?? steps.count + 1
        let ref = ref(host, name, module, handler: handler)
        add(.stepStarted(ref))
        return ref
    }

    mutating func wait(_ host: String, _ name: String, _ module: String, _ message: String, after: Double) {
        add(.stepProgress(.init(ref: ref(host, name, module), message: message)), after: after)
    }

    /// Ends a step that was started, or starts it first.
    mutating func step(
        _ host: String, _ name: String, _ module: String, _ outcome: Outcome = .ok, after: Double = 0.04,
        _ fill: (inout Event.StepFinished) -> Void = { _ in }
    ) {
        let handler = name.hasPrefix("Reload")
        let running = moments.contains { moment in
            if case .stepStarted(let ref) = moment.event { ref.host == host && ref.name == name } else { false }
        }
        let ref = running ? ref(host, name, module, handler: handler) : start(host, name, module, handler: handler)
        var finished = Event.StepFinished(ref: ref, outcome: outcome, seconds: after)
        fill(&finished)
        add(.stepFinished(finished), after: after)
        if finished.item == nil { count(finished) }
    }

    private mutating func count(_ finished: Event.StepFinished) {
        guard let index = recaps.firstIndex(where: { $0.host == finished.ref.host }) else { return }
        switch finished.outcome {
        case .ok: recaps[index].ok += 1
        case .changed:
            recaps[index].ok += 1
            recaps[index].changed += 1
        case .skipped: recaps[index].skipped += 1
        case .failed where finished.ignored:
            recaps[index].ok += 1
            recaps[index].ignored += 1
        case .failed where finished.rescued: recaps[index].rescued += 1
        case .failed: recaps[index].failed += 1
        case .unreachable: recaps[index].unreachable += 1
        }
    }

    mutating func end(interrupted: Bool = false, roundTrips: Int = 9, notStarted: [String] = []) {
        for index in recaps.indices where notStarted.contains(recaps[index].host) { recaps[index].notStarted = true }
        let status = ExitStatus.of(recaps: recaps, interrupted: interrupted)
        add(
            .runFinished(
                .init(
                    run: "20261121T093000Z-3fa2", seconds: time, recap: recaps, exitStatus: Int(status.rawValue),
                    interrupted: interrupted, roundTrips: roundTrips)))
    }
}
