import Foundation
import OpsCore
import Testing

@testable import OpsYAML

/// Plain scalars by the thousand, resolved by us and by the PyYAML that `Tests/judges/setup` installs.
@Suite struct YAMLJudgeTests {
    private static let root = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    static var python: String? {
        let judges = ProcessInfo.processInfo.environment["OPSCTL_JUDGES"] ?? root.appending(path: ".build/judges").path
        let isReady = FileManager.default.fileExists(atPath: judges + "/installed")
        return isReady && FileManager.default.isExecutableFile(atPath: judges + "/bin/python") ? judges + "/bin/python" : nil
    }

    /// Scalars that are something, and what they may turn into by a few changes.
    private static let seeds = [
        "0", "-7", "+12", "1_000", "0644", "0o644", "08", "0x1F", "-0xff", "0b101", "0b1_0", "1:30", "190:20:30", "-1:30:59", "1:60",
        "01:30", "1.5", "1.", ".5", "-.5", "1.10", "1.0e+3", "1e3", "1.0e3", "1.e-3", "1_0.5", ".inf", "-.INF", ".Inf", ".nan", ".NaN",
        "+.nan", "1:30.5", "1.2.3", "10.0.0.1", "~", "null", "Null", "NULL", "nUll", "yes", "Yes", "YES", "no", "on", "Off", "true",
        "False", "y", "n", "2024-01-15", "2001-12-14t21:59:43.1 -5", "2001-12-14 21:59:43", "2001-12-14T21:59:43.123456789Z",
        "2001-1-2 3:04:05 +05:30", "9223372036854775807", "-9223372036854775808", "9223372036854775808", "0x8000000000000000",
        "=", "<<", "-", "+", ".", "_", "1__0", "__1", "0_", "0x_", "0b_", "1_", "._5", "1._5", "-_1", "0:0", "0:00.0", "+1:0.",
    ]
    private static let letters = Array("0123456789._:+-eExXoObBtTzZ ~yYnNaAfF")

    static func corpus(_ count: Int) -> [String] {
        var random = SplitMix(state: 42)
        var scalars = seeds
        while scalars.count < count {
            var text = Array(seeds.randomElement(using: &random) ?? "")
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                let position = Int.random(in: 0...text.count, using: &random)
                let letter = letters.randomElement(using: &random) ?? "0"
                switch Int.random(in: 0..<3, using: &random) {
                case 0: text.insert(letter, at: position)
                case 1: if position < text.count { text[position] = letter }
                default: if position < text.count { text.remove(at: position) }
                }
            }
            let scalar = String(text)
            // A plain scalar has no space at its ends.
            if scalar.first != " ", scalar.last != " " { scalars.append(scalar) }
        }
        return Array(Set(scalars)).sorted()
    }

    @Test(.enabled(if: python != nil, "run Tests/judges/setup"), .timeLimit(.minutes(5)))
    func `scalars resolve as in PyYAML`() throws {
        let scalars = Self.corpus(20_000)
        let file = FileManager.default.temporaryDirectory.appending(path: "opsctl-scalars-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: file) }
        let lines = try scalars.map { String(decoding: try JSONEncoder().encode($0), as: UTF8.self) }
        try Data(lines.joined(separator: "\n").utf8).write(to: file)
        let process = Process()
        process.executableURL = URL(filePath: try #require(Self.python))
        process.arguments = [Self.root.appending(path: "Tests/judges/yaml_scalars.py").path, file.path]
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        let output = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        let verdicts = String(decoding: output, as: UTF8.self).split(separator: "\n")
        try #require(verdicts.count == scalars.count)
        var differences: [String] = []
        for (scalar, line) in zip(scalars, verdicts) {
            let verdict = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [Any])
            if !Self.agrees(YAMLScalar.resolve(scalar), verdict) {
                differences.append("'\(scalar)': \(YAMLScalar.resolve(scalar)), not \(line)")
            }
        }
        #expect(differences.isEmpty, "\(differences.count): \(differences.prefix(40).joined(separator: "\n"))")
    }

    private static func agrees(_ resolved: YAMLScalar.Resolved, _ verdict: [Any]) -> Bool {
        let text = verdict.last as? String ?? ""
        switch (resolved, verdict.first as? String) {
        case (.value(.null), "null"): return true
        case (.value(.bool(let flag)), "bool"): return verdict.last as? Bool == flag
        case (.value(.int(let number)), "int"): return String(number) == text
        case (.tooLarge, "int"): return Int(text) == nil
        case (.value(.double(let number)), "float"): return number.isNaN ? text == "nan" : Double(text) == number
        case (.value(.string(let string)), "str"), (.value(.string(let string)), "time"): return string == text
        case (.refused, "error"): return true
        // PyYAML can't read these numbers at all; as a text they do no harm.
        case (.value(.string), "error"): return true
        default: return false
        }
    }
}

struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }
}
