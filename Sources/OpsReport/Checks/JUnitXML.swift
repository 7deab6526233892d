import OpsCore

/// The checks of a run as JUnit XML, as CI systems read it: a suite per host, a test case per check.
///
/// Elements and attributes are those of the schema that Jenkins publishes
/// (https://github.com/jenkinsci/xunit-plugin, `junit-10.xsd`). A failed check is a `failure`, one that
/// couldn't be found out an `error`.
public struct JUnitXML: Sendable {
    public init() {}

    public func text(_ results: CheckResults) -> String {
        let suites = results.byHost.map { suite($0.host, $0.entries) }.joined()
        return """
            <?xml version="1.0" encoding="UTF-8"?>
            <testsuites name="opsctl verify" \(Self.counts(results.entries))>
            \(suites)</testsuites>

            """
    }

    private func suite(_ host: String, _ entries: [CheckResults.Entry]) -> String {
        "  <testsuite name=\"\(Self.escape(host))\" \(Self.counts(entries))>\n" + entries.map(testcase).joined()
            + "  </testsuite>\n"
    }

    private func testcase(_ entry: CheckResults.Entry) -> String {
        let check = entry.check
        let name = Self.escape("\(check.resource) \(check.property)")
        let open =
            "    <testcase classname=\"\(Self.escape("\(entry.host).\(entry.step)"))\" name=\"\(name)\""
            + " time=\"\(Self.seconds(check.seconds))\""
        guard let (element, message) = Self.outcome(check) else { return open + "/>\n" }
        let tag = "      <\(element) message=\"\(Self.escape(message))\""
        let details = Self.escape(
            TerminalText.block(check.details.joined(separator: "\n"), limit: 200).joined(separator: "\n"))
        return open + ">\n" + tag + (details.isEmpty ? "/>\n" : ">\(details)</\(element)>\n") + "    </testcase>\n"
    }

    private static func outcome(_ check: Check) -> (element: String, message: String)? {
        switch check.status {
        case .pass: nil
        case .fail: ("failure", "expected \(check.expected), got \(check.actual)")
        case .unknown: ("error", "expected \(check.expected), unknown: \(check.actual)")
        case .skip: ("skipped", check.actual)
        }
    }

    private static func counts(_ entries: [CheckResults.Entry]) -> String {
        let count = CheckCount(entries.map(\.check))
        let time = seconds(entries.reduce(0) { $0 + $1.check.seconds })
        return "tests=\"\(count.total)\" failures=\"\(count.failed)\" errors=\"\(count.unknown)\""
            + " skipped=\"\(count.skipped)\" time=\"\(time)\""
    }

    /// With three decimals, whatever the locale.
    private static func seconds(_ seconds: Double) -> String {
        guard seconds.isFinite, seconds >= 0, seconds < 1e9 else { return "0.000" }
        let milliseconds = Int((seconds * 1000).rounded())
        let fraction = String(milliseconds % 1000)
        return "\(milliseconds / 1000)." + String(repeating: "0", count: 3 - fraction.count) + fraction
    }

    /// Control characters, which XML 1.0 (section 2.2) has no way to write, are made visible first.
    private static func escape(_ text: String) -> String {
        let visible = text.split(omittingEmptySubsequences: false) { $0 == "\n" }
            .map { TerminalText.line($0, limit: 4000) }.joined(separator: "\n")
        return String(
            String.UnicodeScalarView(visible.unicodeScalars.filter { $0.value != 0xFFFE && $0.value != 0xFFFF })
        )
        .replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
        .replacing("\"", with: "&quot;").replacing("\n", with: "&#10;")
    }
}
