/// Something that breaks on the deployed stack, the checks that must notice, and how to repair it. BreakageCatalogue.swift
/// lists them.
struct Breakage: Sendable, CustomStringConvertible {
    var description: String
    /// The part of verify.yml that guards it.
    var tag: String
    /// The checks that turn red: resource and property.
    var red: Set<String>
    /// The checks that can't be made any more, and are told as unknown.
    var unknown: Set<String> = []
    /// What the output says of it.
    var words: [String]
    var breaking: @Sendable () async throws -> Void
    var repairing: @Sendable () async throws -> Void
    /// More arguments for `verify`.
    var arguments: [String] = []

    /// Broken and repaired by scripts on a host.
    init(
        _ description: String, _ tag: String, red: Set<String>, unknown: Set<String> = [], words: [String],
        on host: String = "mon1", break breaking: String, repair: String, arguments: [String] = []
    ) {
        self.description = description
        self.tag = tag
        self.red = red
        self.unknown = unknown
        self.words = words
        self.arguments = arguments
        self.breaking = { try await Lab.shell(host, breaking) }
        self.repairing = { try await Lab.shell(host, repair) }
    }
}
