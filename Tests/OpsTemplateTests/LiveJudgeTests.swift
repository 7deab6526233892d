import Foundation
import OpsCore
import Testing

@testable import OpsTemplate

/// The same corpus, judged now by the Jinja2 and Ansible that `Tests/judges/setup` has installed.
@Suite struct LiveJudgeTests {
    static var python: String? {
        let root = TemplateCase.directory.deletingLastPathComponent().deletingLastPathComponent()
        let judges = ProcessInfo.processInfo.environment["OPSCTL_JUDGES"] ?? root.appendingPathComponent(".build/judges").path
        let python = judges + "/bin/python"
        return FileManager.default.isExecutableFile(atPath: python)
            && FileManager.default.fileExists(atPath: judges + "/installed") ? python : nil
    }

    @Test(.enabled(if: python != nil, "run Tests/judges/setup"), .timeLimit(.minutes(10)))
    func casesGiveWhatTheJudgeGives() throws {
        let judge = TemplateCase.directory.deletingLastPathComponent().appendingPathComponent("judges/templates.py").path
        let process = Process()
        process.executableURL = URL(fileURLWithPath: try #require(LiveJudgeTests.python))
        process.arguments = [judge] + TemplateCase.files.map { TemplateCase.directory.appendingPathComponent("cases/\($0)").path }
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        let verdicts = try TemplateCase.parse(String(decoding: data, as: UTF8.self)).map(\.content)
        let cases = try TemplateCase.files.flatMap { try TemplateCase.load($0) }
        #expect(cases.count == verdicts.count)
        let differences = zip(cases, verdicts).compactMap { $0.difference(from: $1) }
        #expect(differences.isEmpty, "\(differences.joined(separator: "\n"))")
    }
}
