import OpsCore
import OpsTemplate

/// `template`: a local Jinja2 template, rendered for the host.
struct TemplateModule: StateModule {
    static let name = "template"
    static let parameters =
        FileContent.parameters + [
            Parameter("src", "local template, looked for in templates/ and beside the playbook", required: true),
            Parameter("trim_blocks", "take the newline after a block away (default true)"),
            Parameter("lstrip_blocks", "take the blanks before a block away (default false)"),
        ]

    private let file: FileContent

    init(_ arguments: ArgumentReader, _ environment: StepEnvironment) throws {
        let location = arguments.location(of: "src")
        let path = try environment.search(.templates).require(arguments.required("src"), at: location)
        var options = environment.templates(for: path)
        options.syntax.trimBlocks = try arguments.bool("trim_blocks", default: true)
        options.syntax.lstripBlocks = try arguments.bool("lstrip_blocks", default: false)
        let source = try LocalFile.text(path, at: location)
        let rendered = try Template(source: source, file: path, environment: options).render(environment.scope)
        guard let text = SensitiveText(rendered) else {
            throw Diagnostic(code: "not-text", "the template gave a \(rendered.kindName)", at: location)
        }
        var name = path.split(separator: "/").last.map(String.init)
        if name?.hasSuffix(".j2") == true { name?.removeLast(3) }
        file = try FileContent(arguments, content: text, bytes: text.reveal { Array($0.utf8) }, nameInDirectory: name)
    }

    var probe: Probe? { file.probe }
    func changes(_ work: StepWork) async throws -> [Change] { try await file.changes(work) }
    func apply(_ changes: [Change], _ work: StepWork) async throws -> StepResult { try await file.apply(changes, work) }
}
