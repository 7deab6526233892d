import OpsCore
import Testing

@Suite struct DurationTests {
    @Test(arguments: [
        ("90", 90.0), ("500ms", 0.5), ("1h30m", 5400), ("2.5", 2.5), ("7d", 604_800), ("1w1ms", 604_800.001), ("0", 0),
        ("1.001", 1.001),
    ])
    func durations(text: String, seconds: Double) {
        #expect(Duration(parsing: text) == .milliseconds(Int((seconds * 1000).rounded())))
    }

    @Test(arguments: [
        "", "5x", "m", "30m1h", "-3", "1e99", "5m5m", "nan", "inf", "5 m", "٣s", "99999999999999999999s", "1.5h",
    ])
    func noDurations(text: String) {
        #expect(Duration(parsing: text) == nil)
    }

    @Test(arguments: [
        (0.0, "0 ms"), (0.34, "340 ms"), (0.9996, "1.0 s"), (2.1, "2.1 s"), (59.94, "59.9 s"), (59.96, "1 min 0 s"),
        (185, "3 min 5 s"), (7800, "2 h 10 min"), (273_600, "3 d 4 h"), (-5, "0 ms"), (1e15, "11574074 d 1 h"),
    ])
    func brief(seconds: Double, text: String) {
        #expect(Duration.seconds(seconds).brief == text)
    }
}
