import OpsCore

/// The table of all checks, with what explains the failures beneath and the totals at the end.
public struct CheckTable: Sendable {
    public var style: OutputStyle
    /// Columns of the terminal; nil for a file or a pipe.
    public var width: Int?
    /// Also lists the checks of hosts that are all green when there are many hosts.
    public var verbose: Bool

    /// From this many hosts on, those whose checks all passed take one line.
    static let manyHosts = 6

    public init(style: OutputStyle = .plain, width: Int? = nil, verbose: Bool = false) {
        self.style = style
        self.width = width
        self.verbose = verbose
    }

    /// - Parameter seconds: how long it all took; shown with the totals.
    public func text(_ results: CheckResults, seconds: Double? = nil) -> String {
        guard !results.entries.isEmpty else { return "nothing was checked\n" }
        let lines = table(results).lines(style: style, width: width) + misses(results) + ["", totals(results, seconds)]
        return lines.map { $0 + "\n" }.joined()
    }

    private func table(_ results: CheckResults) -> Table {
        let hosts = results.byHost
        var columns: [Table.Column] = [
            .init(""), .init("HOST"), .init("RESOURCE", minimum: 12), .init("PROPERTY", minimum: 8),
            .init("EXPECTED", minimum: 8), .init("ACTUAL", minimum: 8), .init("TIME", isNumber: true),
        ]
        if hosts.count == 1 { columns.remove(at: 1) }
        var table = Table(columns)
        for (host, entries) in hosts {
            let isGreen = entries.allSatisfy { $0.check.status == .pass || $0.check.status == .skip }
            let rows =
                isGreen && hosts.count >= Self.manyHosts && !verbose ? [summary(host, entries)] : entries.map(row)
            for var cells in rows {
                if hosts.count == 1 { cells.remove(at: 1) }
                table.add(cells)
            }
        }
        return table
    }

    private func row(_ entry: CheckResults.Entry) -> [Table.Cell] {
        let check = entry.check
        let missed = check.status == .fail || check.status == .unknown
        return [
            .init(check.status.symbol, check.status.role), .init(entry.host), .init(check.resource),
            .init(check.property),
            .init(check.expected), .init(check.actual, missed ? check.status.role : nil),
            .init(check.seconds > 0 ? Phrase.time(check.seconds) : "", .quiet),
        ]
    }

    private func summary(_ host: String, _ entries: [CheckResults.Entry]) -> [Table.Cell] {
        let longest = entries.map(\.check.seconds).max() ?? 0
        return [
            .init(Check.Status.pass.symbol, .good), .init(host), .init(CheckCount(entries.map(\.check)).text), "", "",
            "",
            .init(longest > 0 ? Phrase.time(longest) : "", .quiet),
        ]
    }

    /// Full texts of what the table may have cut, and the details; what several hosts missed alike is told once.
    private func misses(_ results: CheckResults) -> [String] {
        let single = results.byHost.count == 1
        return groups(results).flatMap { check, hosts in
            [""]
                + CheckText(style: style).lines(check, on: single ? [] : hosts, withDetails: true).flatMap { line in
                    LineWrap.rows(line, columns: width ?? .max, hanging: line.prefix { $0 == " " }.count + 2)
                }
        }
    }

    private func groups(_ results: CheckResults) -> [(check: Check, hosts: [String])] {
        var groups: [(check: Check, hosts: [String])] = []
        for entry in results.entries where entry.check.status == .fail || entry.check.status == .unknown {
            var check = entry.check
            // How long it took is no difference.
            check.seconds = 0
            if let index = groups.firstIndex(where: { $0.check == check }) {
                groups[index].hosts.append(entry.host)
            } else {
                groups.append((check, [entry.host]))
            }
        }
        return groups
    }

    private func totals(_ results: CheckResults, _ seconds: Double?) -> String {
        let text = results.count.text + (seconds.map { " in " + Phrase.time($0) } ?? "")
        return style.paint(text, results.count.allPassed ? .good : .bad)
    }
}
