import OpsCore
import OpsTransport

/// `service` and `systemd`: a service of the host's init system runs or not, now and after a boot.
struct ServiceModule: StateModule {
    static let name = "service"
    static let parameters = [
        Parameter("name", "the service", required: true),
        Parameter("state", "what it shall be", choices: ["started", "stopped", "restarted", "reloaded"]),
        Parameter("enabled", "whether it starts at boot"),
        Parameter("daemon_reload", "have systemd read its units again first"),
        Parameter("masked", "whether systemd refuses to start it"),
    ]

    private let service: String
    private let state: String?
    private let enabled: Bool?
    private let masked: Bool?
    private let daemonReload: Bool

    init(_ arguments: ArgumentReader, _ environment: StepEnvironment) throws {
        service = try arguments.required("name")
        guard !service.hasPrefix("-"), !service.contains("/") else {
            throw arguments.complaint("name", code: "bad-name", "'\(service)' is no service name")
        }
        state = try arguments.string("state")
        enabled = try arguments.bool("enabled")
        masked = try arguments.bool("masked")
        daemonReload = try arguments.bool("daemon_reload", default: false)
    }

    private var quoted: String { ShellQuoting.quote(service) }

    /// Prints the init system, then whether the service is there, runs, starts at boot, is masked.
    var probe: Probe? {
        Probe(
            """
            if [ -d /run/systemd/system ]; then
              echo systemd
              systemctl show -p LoadState -p ActiveState -p UnitFileState -- \(quoted) 2>/dev/null
            elif command -v rc-service >/dev/null 2>&1; then
              echo openrc
              rc-service -e \(quoted) && echo LoadState=loaded || echo LoadState=not-found
              rc-service \(quoted) status >/dev/null 2>&1 && echo ActiveState=active || echo ActiveState=inactive
              rc-update show default 2>/dev/null | grep -qw -- \(quoted) && echo UnitFileState=enabled || echo UnitFileState=disabled
            else
              echo sysv
              [ -x /etc/init.d/\(quoted) ] && echo LoadState=loaded || echo LoadState=not-found
              /etc/init.d/\(quoted) status >/dev/null 2>&1 && echo ActiveState=active || echo ActiveState=inactive
              ls /etc/rc?.d/S??\(quoted) >/dev/null 2>&1 && echo UnitFileState=enabled || echo UnitFileState=disabled
            fi
            """)
    }

    private struct Seen {
        var initSystem = ""
        var fields: [String: String] = [:]
        var isRunning: Bool { ["active", "activating", "reloading"].contains(fields["ActiveState"] ?? "") }
        var isEnabled: Bool {
            ["enabled", "enabled-runtime", "static", "alias", "generated", "indirect"].contains(fields["UnitFileState"] ?? "")
        }
        var isMasked: Bool { (fields["UnitFileState"] ?? "").hasPrefix("masked") || fields["LoadState"] == "masked" }
        var isMissing: Bool { fields["LoadState"] == "not-found" }
    }

    private func seen(_ work: StepWork) -> Seen {
        var seen = Seen()
        for (index, line) in (work.seen?.stdout.text ?? "").split(separator: "\n").enumerated() {
            if index == 0 { seen.initSystem = String(line) }
            let parts = line.split(separator: "=", maxSplits: 1)
            if parts.count == 2 { seen.fields[String(parts[0])] = String(parts[1]) }
        }
        return seen
    }

    func changes(_ work: StepWork) async throws -> [Change] {
        let seen = seen(work)
        if seen.isMissing, !daemonReload {
            throw Diagnostic(code: "no-such-service", "there is no service '\(service)' on \(work.mode.host)",
                             hints: ["its package may be missing; 'systemctl list-unit-files' on the host lists what there is"])
        }
        var changes: [Change] = []
        let resource = "service \(service)"
        if daemonReload, seen.initSystem == "systemd" { changes.append(Change(.reload, "systemd units")) }
        if let masked, masked != seen.isMasked { changes.append(Change(.update, resource, summary: masked ? "mask" : "unmask")) }
        if let enabled, enabled != seen.isEnabled { changes.append(Change(.update, resource, summary: enabled ? "enable" : "disable")) }
        switch state {
        case "started" where !seen.isRunning: changes.append(Change(.start, resource))
        case "stopped" where seen.isRunning: changes.append(Change(.stop, resource))
        case "restarted": changes.append(Change(.restart, resource))
        case "reloaded": changes.append(Change(seen.isRunning ? .reload : .start, resource))
        default: break
        }
        return changes
    }

    func apply(_ changes: [Change], _ work: StepWork) async throws -> StepResult {
        let system = seen(work).initSystem
        let script = changes.map { command($0, system) }.joined(separator: "\n")
        let result = try await work.run("set -e\n" + script)
        guard result.succeeded else {
            var diagnostic = result.complaint(failing: "change service \(service)")
            diagnostic.hints = [
                system == "systemd" ? "on the host: journalctl -u \(service) -n 50" : "look at the service's log on the host"
            ]
            return .failed(diagnostic, stdout: result.stdout.text, stderr: result.stderr.text)
        }
        return StepResult(changes: changes, message: service, values: ["name": .string(service), "state": .string(state ?? "")])
    }

    private func command(_ change: Change, _ system: String) -> String {
        let verb =
            switch change.action {
            case .start: "start"
            case .stop: "stop"
            case .restart: "restart"
            case .reload: "reload"
            default: change.summary
            }
        if change.resource == "systemd units" { return "systemctl daemon-reload" }
        switch (system, verb) {
        case ("systemd", _): return "systemctl \(verb) -- \(quoted)"
        case ("openrc", "enable"): return "rc-update add \(quoted) default"
        case ("openrc", "disable"): return "rc-update del \(quoted) default"
        case ("openrc", _): return "rc-service \(quoted) \(verb)"
        case (_, "enable"): return "update-rc.d \(quoted) defaults"
        case (_, "disable"): return "update-rc.d \(quoted) disable"
        default: return "/etc/init.d/\(quoted) \(verb)"
        }
    }
}
