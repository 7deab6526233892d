import Foundation
import OpsCore
import Testing

@testable import OpsProject

/// The corpus of `inventories/`, compared with what the real `ansible-inventory` made of it.
@Suite struct InventoryJudgeTests {
    @Test(arguments: InventoryCase.names)
    func givesWhatAnsibleGives(_ name: String) throws {
        let test = try InventoryCase(name)
        let actual = try test.actual()
        for (section, expected) in test.expected {
            #expect(actual[section] == expected, "\(name) \(section)")
        }
        #expect(Set(actual.keys) == Set(test.expected.keys), "\(name)")
    }

    @Test func theCorpusIsThere() {
        #expect(InventoryCase.names.count >= 100)
    }

    static var python: String? {
        let root = InventoryCase.directory.deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        let judges = ProcessInfo.processInfo.environment["OPSCTL_JUDGES"] ?? root.appendingPathComponent(".build/judges").path
        let isReady = FileManager.default.fileExists(atPath: judges + "/installed")
        return isReady && FileManager.default.isExecutableFile(atPath: judges + "/bin/python") ? judges + "/bin/python" : nil
    }

    /// The real `ansible-inventory` runs over the corpus now: what is committed is what it prints.
    @Test(.enabled(if: python != nil, "run Tests/judges/setup"), .timeLimit(.minutes(10)))
    func `the expected results are what the judge prints now`() throws {
        let script = InventoryCase.directory.deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("judges/inventories.py").path
        let process = Process()
        process.executableURL = URL(fileURLWithPath: try #require(Self.python))
        process.arguments = [script] + InventoryCase.names.map { InventoryCase.directory.appendingPathComponent($0).path }
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let different = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
        #expect(different.isEmpty, "\(String(decoding: different, as: UTF8.self))")
    }
}
