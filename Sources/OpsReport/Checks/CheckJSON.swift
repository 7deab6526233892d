import Foundation
import OpsCore

/// The checks of a run as one JSON document, for `verify --output json`.
///
/// `{"checks":[{"host":...,"step":...,"resource":...,...}],"failed":0,"passed":38,"skipped":1,"success":true,"unknown":0}`
public struct CheckJSON: Sendable {
    public init() {}

    private struct Document: Encodable {
        var success: Bool
        var passed: Int
        var failed: Int
        var unknown: Int
        var skipped: Int
        var checks: [Row]
    }

    private struct Row: Encodable {
        var entry: CheckResults.Entry

        private enum Key: String, CodingKey { case host, step }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: Key.self)
            try container.encode(entry.host, forKey: .host)
            try container.encode(entry.step, forKey: .step)
            try entry.check.encode(to: encoder)
        }
    }

    /// - Throws: `EncodingError` for a time that is no number.
    public func text(_ results: CheckResults) throws -> String {
        let count = results.count
        let document = Document(
            success: count.allPassed, passed: count.passed, failed: count.failed, unknown: count.unknown,
            skipped: count.skipped, checks: results.entries.map(Row.init))
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(document), as: UTF8.self) + "\n"
    }
}
