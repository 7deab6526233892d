import Foundation
import OpsCore
import OpsReport
import Testing

@Suite struct CheckTableTests {
    private func results(_ run: Scenario) async -> CheckResults {
        let collector = CheckCollector()
        for moment in run.moments { await collector.report(moment.event) }
        return await collector.results
    }

    @Test func green() async throws {
        try expectGolden(
            "checks-green.txt", CheckTable(width: 100).text(await results(.verify(red: false)), seconds: 0.45))
    }

    @Test(arguments: [(100, "wide"), (60, "narrow")])
    func red(width: Int, name: String) async throws {
        try expectGolden(
            "checks-red-\(name).txt", CheckTable(width: width).text(await results(.verify(red: true)), seconds: 30.1))
    }

    @Test func colouredIsTheSameTextWithColours() async throws {
        try expectGolden(
            "checks-red-coloured.txt", CheckTable(style: .coloured, width: 100).text(await results(.verify(red: true))))
    }

    @Test func greenHostsOfAFleetTakeOneLine() async throws {
        try expectGolden("checks-fleet.txt", CheckTable(width: 100).text(await results(.fleet)))
    }

    @Test func aStepThatCheckedNothingIsNotGreen() async {
        let results = await results(.unreachableHost)
        #expect(results.count.unknown == 1)
        #expect(CheckTable().text(results).contains("no answer from 10.77.0.12"))
        #expect(CheckTable().text(CheckResults()) == "nothing was checked\n")
    }

    @Test func json() async throws {
        let text = try CheckJSON().text(await results(.verify(red: true)))
        try expectGolden("checks-red.json", text)
        let document = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
        #expect(document["success"] as? Bool == false)
    }

    @Test func prometheus() async throws {
        let textfile = PrometheusTextfile(environment: "pro\"d")
        try expectGolden(
            "checks.prom",
            textfile.text(await results(.verify(red: true)), at: Date(timeIntervalSince1970: 1_795_000_000)))
        #expect(textfile.text(CheckResults(), at: Date()).contains("opsctl_verify_success{environment=\"pro\\\"d\"} 0"))
    }

    @Test func junit() async throws {
        try expectGolden("checks-red.junit.xml", JUnitXML().text(await results(.verify(red: true))))
    }

    @Test func junitOfHostileTextIsWellFormed() throws {
        let check = Check(
            resource: "<a href=\"x\">&", property: "\u{0}\u{1B}[2J\u{FFFF}", expected: "]]>", actual: "'\n\"",
            status: .fail,
            seconds: .nan, details: ["\u{8}</failure>"])
        let text = JUnitXML().text(CheckResults([.init(host: "h\u{7}", step: "s", check: check)]))
        #expect(!text.unicodeScalars.contains { $0.value < 0x20 && $0 != "\n" || $0.value == 0xFFFF })
        #expect(text.contains("name=\"&lt;a href=&quot;x&quot;&gt;&amp; \\x00\\x1b[2J\""))
        #expect(text.contains(">\\x08&lt;/failure&gt;</failure>"))
        #expect(text.contains("time=\"0.000\""))
    }
}

@Suite struct TableTests {
    private var table: Table {
        var table = Table([.init("HOST"), .init("IMAGE", minimum: 8), .init("PORT", isNumber: true), .init("STATE")])
        table.add(["mon1", "prom/prometheus:v3.13.2", "9090", .init("up", .good)])
        table.add(["監視", "grafana/grafana", "3000"])
        table.add(["x\u{1B}[2J", "a", "1", "down", "too much"])
        return table
    }

    @Test func columnsFitTheirContent() {
        #expect(
            table.lines() == [
                "HOST      IMAGE                    PORT  STATE",
                "mon1      prom/prometheus:v3.13.2  9090  up",
                "監視      grafana/grafana          3000",
                "x\\x1b[2J  a                           1  down",
            ])
    }

    @Test func aNarrowTerminalCutsTheWidestColumn() {
        #expect(table.lines(width: 36)[1] == "mon1      prom/prometh…  9090  up")
        #expect(table.lines(width: 10)[1] == "mon1      prom/pr…  9090  up")
    }

    @Test func colourDoesNotDisturbTheColumns() {
        let plain = table.lines().map { $0 }
        let coloured = table.lines(style: .coloured).map { $0.replacing(/\u{1B}\[[0-9]*m/, with: "") }
        #expect(plain == coloured)
    }
}
