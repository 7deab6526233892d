import OpsCore
import Testing

@Suite struct NearestNameTests {
    @Test(arguments: [
        ("detination", "destination"), ("srv", "src"), ("moed", "mode"), ("Owner", "owner"), ("when_", "when"),
    ])
    func findsTyposAndSwaps(typed: String, meant: String) {
        #expect(NearestName.to(typed, in: ["destination", "src", "mode", "owner", "when"]) == meant)
    }

    @Test func staysSilentWhenNothingIsClose() {
        #expect(NearestName.to("frobnicate", in: ["src", "dest", "mode"]) == nil)
    }

    @Test(arguments: [("90", 90.0), ("500ms", 0.5), ("1h30m", 5400), ("2.5", 2.5), ("7d", 604_800)])
    func durations(text: String, seconds: Double) {
        #expect(Duration(parsing: text)?.seconds == seconds)
    }

    @Test(arguments: ["", "5x", "m", "30m1h", "-3", "1e99", "5m5m"])
    func noDurations(text: String) {
        #expect(Duration(parsing: text) == nil)
    }
}
