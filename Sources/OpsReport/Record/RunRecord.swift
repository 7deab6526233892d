import Foundation
import OpsCore

/// The records of past runs in a project: `.opsctl/runs/<id>/{events.jsonl,summary.json}`.
///
/// Directories are 0700 and files 0600: output of hosts is nobody else's business.
public struct RunRecord: Sendable {
    /// Runs kept; older ones are removed when a new one starts.
    public static let kept = 50

    /// `.opsctl/runs` of the project.
    public let directory: URL

    public init(project: URL) {
        directory = project.appending(path: ".opsctl/runs", directoryHint: .isDirectory)
    }

    /// The runs, newest first. Directories that hold no readable summary are left out.
    public func list() -> [RunSummary] {
        ids().reversed().compactMap { try? summary($0) }
    }

    /// - Throws: `Diagnostic` if there is no such run.
    public func summary(_ id: String) throws -> RunSummary {
        let data = try contents(id, "summary.json")
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = .custom { decoder in
            let container = try decoder.singleValueContainer()
            let text = try container.decode(String.self)
            guard let date = try? EventLine.format.parse(text) else {
                throw DecodingError.dataCorruptedError(in: container, debugDescription: "no ISO 8601 time")
            }
            return date
        }
        return try decoder.decode(RunSummary.self, from: data)
    }

    /// The events of a run, in order. A last line that was cut off, as by a power failure, is left out.
    ///
    /// - Throws: `Diagnostic` if there is no such run.
    public func events(_ id: String) throws -> [EventLine] {
        let decoder = JSONDecoder()
        decoder.nonConformingFloatDecodingStrategy = .convertFromString(
            positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
        return try contents(id, "events.jsonl").split(separator: UInt8(ascii: "\n")).compactMap {
            try? decoder.decode(EventLine.self, from: Data($0))
        }
    }

    private func contents(_ id: String, _ name: String) throws -> Data {
        guard Self.isID(id), let data = FileManager.default.contents(atPath: path(id, name)) else {
            let hints = NearestName.hints(for: id, in: ids())
            throw Diagnostic(code: "unknown-run", "there is no record of run '\(id)'", hints: hints)
        }
        return data
    }

    /// In the order they were started: ids begin with the time.
    func ids() -> [String] {
        let names = try? FileManager.default.contentsOfDirectory(atPath: directory.path)
        return (names ?? []).filter(Self.isID).sorted()
    }

    func path(_ id: String, _ name: String) -> String { directory.appending(path: "\(id)/\(name)").path }

    /// Letters, digits and dashes; nothing that leads to another directory.
    static func isID(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.count <= 64
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                    UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "-"):
                    true
                default: false
                }
            }
    }
}
