import OpsCore

/// `copy`: a local file, or given content, at a path on the host.
struct CopyModule: StateModule {
    static let name = "copy"
    static let parameters =
        FileContent.parameters + [
            Parameter("src", "local file, looked for in files/ and beside the playbook"),
            Parameter("content", "the content itself; mappings and lists become JSON"),
            Parameter("remote_src", "not supported: use 'command: cp' for files that are on the host"),
        ]

    private let file: FileContent

    init(_ arguments: ArgumentReader, _ environment: StepEnvironment) throws {
        if try arguments.bool("remote_src", default: false) {
            throw arguments.complaint("remote_src", code: "unsupported", "'remote_src' is not supported", hints: ["use 'command: cp ...'"])
        }
        if let content = try Self.content(arguments) {
            file = try FileContent(
                arguments, content: content, bytes: content.reveal { Array($0.utf8) }, nameInDirectory: nil)
            return
        }
        guard let source = try arguments.string("src") else {
            throw Diagnostic(code: "missing-argument", "'copy' needs 'src' or 'content'", at: arguments.location)
        }
        let path = try environment.search(.files).require(source, at: arguments.location(of: "src"))
        let bytes = try LocalFile.bytes(path, at: arguments.location(of: "src"))
        var file = try FileContent(
            arguments, content: .plain(String(decoding: bytes, as: UTF8.self)), bytes: bytes,
            nameInDirectory: path.split(separator: "/").last.map(String.init))
        if arguments.value("mode") == "preserve" { file.attributes.mode = FileMode(bits: LocalFile.bits(path)) }
        self.file = file
    }

    private static func content(_ arguments: ArgumentReader) throws -> SensitiveText? {
        guard let value = arguments.value("content") else { return nil }
        switch value {
        case .list, .map: return .plain(ValueJSON.pretty(value))
        default: return try arguments.sensitive("content")
        }
    }

    var probe: Probe? { file.probe }
    func changes(_ work: StepWork) async throws -> [Change] { try await file.changes(work) }
    func apply(_ changes: [Change], _ work: StepWork) async throws -> StepResult { try await file.apply(changes, work) }
}
