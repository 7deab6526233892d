import Foundation
import OpsCore
import Testing

@Suite struct DiagnosticTests {
    private let error = Diagnostic(
        code: "unknown-key", "unknown key 'a'", at: SourceLocation(file: "p.yml", line: 2, column: 3), hints: ["h"],
        trail: [.init("imported here", at: SourceLocation(file: "site.yml"))])
    private let warning = Diagnostic(.warning, code: "w", "careful")

    private struct Other: Error {}

    @Test func aCollectorGoesOnAndTellsEverything() throws {
        var collector = DiagnosticCollector()
        let none: [Int?] = [
            try collector.collect { throw error }, try collector.collect { throw DiagnosticError([warning, error]) },
        ]
        #expect(none == [nil, nil])
        #expect(collector.collect { 5 } == 5)
        collector.add(contentsOf: [warning])
        #expect(collector.diagnostics == [error, warning])
        #expect(collector.hasErrors)
        #expect(throws: DiagnosticError.self) { try collector.throwIfErrors() }
    }

    @Test func warningsStopNothing() throws {
        var collector = DiagnosticCollector()
        collector.add(warning)
        #expect(!collector.hasErrors)
        try collector.throwIfErrors()
    }

    @Test func otherErrorsAreNotSwallowed() {
        var collector = DiagnosticCollector()
        #expect(throws: Other.self) { try collector.collect { throw Other() } }
    }

    @Test func aDiagnosticSurvivesJSON() throws {
        let decoded = try JSONDecoder().decode(Diagnostic.self, from: JSONEncoder().encode(error))
        #expect(decoded == error)
    }

    @Test func placesSortByFileLineAndColumn() {
        let places = [
            SourceLocation(file: "b.yml", line: 1), SourceLocation(file: "a.yml", line: 10),
            SourceLocation(file: "a.yml", line: 9),
            SourceLocation(file: "a.yml", line: 9, column: 2),
        ]
        #expect(places.sorted().map(\.description) == ["a.yml:9:1", "a.yml:9:2", "a.yml:10:1", "b.yml:1:1"])
        #expect(Diagnostic.Severity.warning < .error)
    }
}
