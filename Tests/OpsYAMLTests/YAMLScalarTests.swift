import OpsCore
import Testing

@testable import OpsYAML

/// What PyYAML's safe loader gives for the same text.
@Suite struct YAMLScalarTests {
    static let cases: [(String, Value)] = [
        ("", nil), ("~", nil), ("null", nil), ("NULL", nil), ("nUll", "nUll"),
        ("yes", true), ("On", true), ("off", false), ("NO", false), ("y", "y"), ("tRue", "tRue"),
        ("0", 0), ("-7", -7), ("+12", 12), ("1_000", 1000), ("0644", 420), ("0o644", "0o644"), ("08", "08"),
        ("0x1F", 31), ("0b101", 5), ("1:30", 90), ("190:20:30", 685230), ("-1:30", -90), ("1:60", "1:60"),
        ("01:30", "01:30"), ("9223372036854775807", .int(.max)), ("0x", "0x"), ("1e3", "1e3"),
        ("1.5", 1.5), ("1.", 1.0), (".5", 0.5), ("-.5", "-.5"), ("1.10", 1.1), ("1.0e+3", 1000.0), ("1.0e3", "1.0e3"),
        ("1_0.5", 10.5), (".inf", .double(.infinity)), ("-.INF", .double(-.infinity)), ("+.nan", "+.nan"),
        ("1:30.5", 90.5), ("1.2.3", "1.2.3"), ("10.0.0.1", "10.0.0.1"), (".", "."), ("-", "-"), ("+", "+"),
        ("2024-01-15", "2024-01-15"), ("2024-1-5", "2024-1-5"),
        ("2001-12-14t21:59:43.1 -5", "2001-12-14T21:59:43.100000-05:00"),
        ("2001-12-14 21:59:43", "2001-12-14T21:59:43"), ("2001-12-14 21:59:43Z", "2001-12-14T21:59:43+00:00"),
    ]

    @Test(arguments: cases) func resolves(_ text: String, _ value: Value) {
        #expect(YAMLScalar.resolve(text) == .value(value))
    }

    @Test func notANumber() {
        guard case .value(.double(let number)) = YAMLScalar.resolve(".nan") else { return #expect(Bool(false)) }
        #expect(number.isNaN)
    }

    @Test(arguments: ["9223372036854775808", "0xFFFFFFFFFFFFFFFFF", "99999999999999999999:30"])
    func tooLarge(_ text: String) { #expect(YAMLScalar.resolve(text) == .tooLarge) }
}
