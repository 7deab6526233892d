import OpsCore
import OpsProject
import OpsTransport

/// `push`: a directory on the host equals a directory here.
///
/// Plain files go byte for byte, `.j2` files rendered, secrets as files that only their service can read.
/// Only what changed travels, as one stream; the staged tree is validated with the very images that will
/// run it, then switched to in one script.
struct PushModule: StateModule {
    static let name = "push"
    static let parameters = [
        Parameter("src", "local directory, relative to the playbook", required: true),
        Parameter("dest", "absolute directory on the host", required: true),
        Parameter("owner", "owner of all files"),
        Parameter("group", "group of all files"),
        Parameter("mode", "mode of all plain files (default: 0644, 0755 if executable here)"),
        Parameter("directory_mode", "mode of all directories (default 0755)"),
        Parameter("files", "list of {pattern, owner, group, mode, directory_mode}; later entries win"),
        Parameter("exclude", "patterns of files that stay here"),
        Parameter("secrets", "files made from values: {path: \"{{ smtp.password }}\"}"),
        Parameter("delete", "remove files from the host that are gone here (default true)"),
        Parameter("validate", "try the staged tree with the services' images first (default true)"),
        Parameter("compose", "the compose file in the tree (default compose.yml)"),
    ]

    private let destination: String
    private let tree: DeclaredTree
    private let catalogue: Catalogue?
    private let deletes: Bool
    private let validates: Bool
    private let planned: PlannedTrees

    init(_ arguments: ArgumentReader, _ environment: StepEnvironment) throws {
        destination = try arguments.absolutePath("dest")
        guard destination != "/" else {
            throw arguments.complaint("dest", code: "refused", "pushing to '/' is refused")
        }
        deletes = try arguments.bool("delete", default: true)
        validates = try arguments.bool("validate", default: true)
        let location = arguments.location(of: "src")
        let root = try environment.search(.files).require(arguments.required("src"), at: location)
        let reader = TreeReader(
            root: root, location: location, environment: environment, rules: try Self.rules(arguments),
            excluded: try (arguments.strings("exclude") ?? []).map(PathPattern.init))
        tree = try reader.read(adding: Self.secretFiles(arguments))
        let composeName = try arguments.string("compose", default: "compose.yml")
        catalogue = try tree[composeName].map {
            try Catalogue(compose: String(decoding: $0.content, as: UTF8.self), file: "\(root)/\(composeName)")
        }
        if catalogue == nil, arguments.value("compose") != nil {
            throw arguments.complaint("compose", code: "file-not-found", "there is no '\(composeName)' in \(root)")
        }
        planned = environment.planned
        planned[destination] = tree
    }

    private static func rules(_ arguments: ArgumentReader) throws -> [TreeReader.Rule] {
        let everything = TreeReader.Rule(
            pattern: PathPattern("**"), owner: try arguments.string("owner"), group: try arguments.string("group"),
            mode: try arguments.mode("mode"), directoryMode: try arguments.mode("directory_mode"))
        let location = arguments.location(of: "files")
        return try [everything] + (arguments.list("files") ?? []).map { item in
            let entries = (item.map ?? [:]).compactMap { key, value in
                key.string.map { (key: $0, keyLocation: location, value: Located(value, at: location)) }
            }
            let rule = try ArgumentReader(
                module: "push files", parameters: ruleParameters, location: location, freeText: nil, entries: entries)
            return TreeReader.Rule(
                pattern: PathPattern(try rule.required("pattern")), owner: try rule.string("owner"),
                group: try rule.string("group"), mode: try rule.mode("mode"), directoryMode: try rule.mode("directory_mode"))
        }
    }

    private static let ruleParameters =
        [
            Parameter("pattern", "paths in the tree", required: true),
            Parameter("directory_mode", "mode of the directories above"),
        ] + FileAttributes.parameters

    private static func secretFiles(_ arguments: ArgumentReader) throws -> [(path: String, content: SensitiveText)] {
        try (arguments.map("secrets") ?? [:]).map { key, value in
            let names = (key.string ?? "").split(separator: "/", omittingEmptySubsequences: false)
            guard !names.isEmpty, !names.contains(where: { ["", ".", ".."].contains($0) }) else {
                throw arguments.complaint("secrets", code: "bad-path", "'\(key.string ?? "")' is no path in the tree")
            }
            guard let content = SensitiveText(value) else {
                throw arguments.complaint(
                    "secrets", code: "wrong-type",
                    "the content of '\(names.joined(separator: "/"))' must be text, not a \(value.kindName)")
            }
            return (names.joined(separator: "/"), content)
        }
    }

    var probe: Probe? {
        Probe(HostTree.script(destination: destination, roots: tree.roots))
    }

    private func difference(_ work: StepWork) throws -> TreeDifference {
        guard let seen = work.seen, seen.succeeded else {
            throw work.seen?.complaint(failing: "look at \(destination)")
                ?? Diagnostic(code: "internal", "nothing is known of \(destination)")
        }
        guard seen.stdout.dropped == 0 else {
            throw Diagnostic(code: "tree-too-large", "\(destination) on \(work.mode.host) holds too many files to compare",
                             hints: ["keep data out of the pushed directories"])
        }
        return TreeDifference(declared: tree, found: HostTree(parsing: seen.stdout.text), destination: destination, deletes: deletes)
    }

    func changes(_ work: StepWork) async throws -> [Change] {
        let difference = try difference(work)
        planned.outdate(services(fedBy: difference), in: destination)
        var changes = difference.changes
        if work.mode.diff { try await TreeDiff(tree: tree, destination: destination).add(to: &changes, work) }
        return changes
    }

    private func services(fedBy difference: TreeDifference) -> [String] {
        let paths = difference.files.map(\.path) + difference.removed
        return (catalogue?.services ?? []).filter { paths.contains(where: $0.isFed) }.map(\.name)
    }

    func apply(_ changes: [Change], _ work: StepWork) async throws -> StepResult {
        let difference = try difference(work)
        let release = Release(
            id: Release.newID(), destination: destination, tree: tree, difference: difference,
            outdated: services(fedBy: difference))
        await work.progress("sending \(release.difference.files.count) files")
        let staged = try await work.session.upload(
            release.archive(), to: release.stageScript, timeout: work.timeout, become: work.become)
        guard staged.succeeded else { throw staged.complaint(failing: "stage \(destination)") }
        do {
            try await validate(release, work)
        } catch {
            _ = try? await work.run(release.discardScript)
            throw error
        }
        try await work.require(release.switchScript(), to: "switch \(destination) to the new files")
        return StepResult(
            changes: changes, message: "\(changes.count) change\(changes.count == 1 ? "" : "s") in \(destination)",
            values: ["dest": .string(destination), "release": .string(release.id)])
    }

    private func validate(_ release: Release, _ work: StepWork) async throws {
        guard validates, let catalogue else { return }
        let validation = StackValidation(catalogue: catalogue, release: release)
        guard let script = validation.script else { return }
        await work.progress("validating with the services' images")
        let result = try await work.run(script)
        try validation.check(result)
    }
}
