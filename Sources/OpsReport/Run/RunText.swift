import OpsCore

/// Lines about the run as a whole that the reporters share.
struct RunText {
    var style: OutputStyle

    /// `deploy inventory/lab.yml: playbooks/deploy.yml on 2 hosts`
    func start(_ start: Event.RunStarted) -> String {
        let parts = [start.command, start.inventory].filter { !$0.isEmpty }.map { TerminalText.line($0, limit: 200) }
        var line = style.paint(parts.joined(separator: " "), .strong)
        line += ": \(TerminalText.line(start.playbook, limit: 200)) on \(Phrase.count(start.hosts, "host"))"
        return start.checkMode ? line + ", changing nothing" : line
    }

    func play(_ play: Event.PlayStarted) -> String {
        let name = TerminalText.line(play.name, limit: 200)
        let hosts = play.hosts.map { TerminalText.line($0, limit: 100) }
        let place = hosts.count > 4 ? Phrase.count(hosts.count, "host") : hosts.joined(separator: ", ")
        return style.paint(name.isEmpty ? "play" : name, .strong) + style.paint(" on " + place, .quiet)
    }

    func connected(_ connected: Event.HostConnected) -> String {
        "connected to \(TerminalText.line(connected.peer, limit: 200)) in \(Phrase.time(connected.seconds))"
    }
}
