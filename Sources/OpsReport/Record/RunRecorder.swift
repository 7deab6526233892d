import Foundation
import OpsCore

/// Writes the record of the run that goes on.
///
/// A record that can't be written must not stop a deploy: the first problem is kept in `problem` and
/// nothing more is written.
public actor RunRecorder: Reporter {
    /// Why the record is incomplete, to be shown as a warning at the end.
    public private(set) var problem: Diagnostic?

    private let record: RunRecord
    private let date: @Sendable () -> Date
    private var summary: RunSummary?
    private var events: FileHandle?

    public init(_ record: RunRecord, date: @escaping @Sendable () -> Date = { Date() }) {
        self.record = record
        self.date = date
    }

    public func report(_ event: Event) {
        guard problem == nil else { return }
        do {
            if case .runStarted(let start) = event { try begin(start) }
            summary?.add(event)
            try events?.write(contentsOf: Data(EventLine(event, at: date()).text.utf8))
            if case .runFinished = event { try writeSummary() }
        } catch {
            problem = Diagnostic(
                .warning, code: "run-record", "the run is not recorded: \(Self.reason(error))",
                hints: ["records are kept in \(record.directory.path)"])
        }
    }

    public func finish() {
        try? events?.close()
        events = nil
    }

    private func begin(_ start: Event.RunStarted) throws {
        guard RunRecord.isID(start.run) else { throw Diagnostic(code: "run-id", "'\(start.run)' is no run id") }
        let ownerOnly = [FileAttributeKey.posixPermissions: 0o700]
        let directory = record.directory.appending(path: start.run)
        try FileManager.default.createDirectory(
            at: directory, withIntermediateDirectories: true, attributes: ownerOnly)
        removeOldest()
        summary = RunSummary(start, at: date())
        events = try Self.createFile(record.path(start.run, "events.jsonl"))
        try writeSummary()
    }

    private func removeOldest() {
        for id in record.ids().dropLast(RunRecord.kept) {
            try? FileManager.default.removeItem(at: record.directory.appending(path: id))
        }
    }

    /// Beside the old one, then renamed over it: a reader sees one or the other.
    private func writeSummary() throws {
        guard let summary else { return }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        encoder.dateEncodingStrategy = .custom { date, encoder in
            var container = encoder.singleValueContainer()
            try container.encode(date.formatted(EventLine.format))
        }
        let path = record.path(summary.id, "summary.json")
        let file = try Self.createFile(path + ".new")
        try file.write(contentsOf: try encoder.encode(summary) + Data("\n".utf8))
        try file.synchronize()
        try file.close()
        guard rename(path + ".new", path) == 0 else { throw POSIXError.last }
    }

    /// Created with its mode, not changed to it afterwards.
    private static func createFile(_ path: String) throws -> FileHandle {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw POSIXError.last }
        return FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    }

    private static func reason(_ error: any Error) -> String {
        switch error {
        case let error as Diagnostic: error.message
        case let error as POSIXError: String(cString: strerror(error.code.rawValue)).lowercased()
        default: (error as NSError).localizedDescription
        }
    }
}

extension POSIXError {
    /// What `errno` says now.
    fileprivate static var last: POSIXError { POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
}
