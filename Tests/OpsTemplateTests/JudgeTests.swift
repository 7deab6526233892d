import Foundation
import OpsCore
import Testing

@testable import OpsTemplate

/// The corpus of `cases/`, compared with what the real Jinja2 and Ansible make of it.
@Suite struct JudgeTests {
    @Test(arguments: TemplateCase.files)
    func casesGiveWhatTheJudgeGave(_ file: String) throws {
        let cases = try TemplateCase.load(file)
        let verdicts = try TemplateCase.lines("goldens/\(file)").map(\.content)
        #expect(cases.count == verdicts.count, "run Tests/judges/goldens")
        let differences = zip(cases, verdicts).compactMap { $0.difference(from: $1) }
        #expect(differences.isEmpty, "\(differences.count) of \(cases.count):\n\(differences.joined(separator: "\n"))")
    }
}
