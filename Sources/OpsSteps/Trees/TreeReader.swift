import Foundation
import OpsCore
import OpsTemplate

/// Makes a `DeclaredTree` from a local directory: plain files byte for byte, `.j2` files rendered,
/// files made from secrets added.
struct TreeReader {
    /// Owner and modes for the paths that match; later rules win over earlier ones.
    struct Rule {
        var pattern: PathPattern
        var owner: String?
        var group: String?
        var mode: FileMode?
        var directoryMode: FileMode?
    }

    var root: String
    var location: SourceLocation
    var environment: StepEnvironment
    var rules: [Rule]
    var excluded: [PathPattern]

    /// Bounds: a tree that is pushed is configuration, not data.
    static let mostFiles = 10_000

    /// - Parameter made: files that exist only as values, by path.
    /// - Throws: `DiagnosticError` with the findings of all templates.
    func read(adding made: [(path: String, content: SensitiveText)]) throws -> DeclaredTree {
        var findings = DiagnosticCollector()
        var files: [String: DeclaredTree.File] = [:]
        for path in try localPaths() {
            guard let file = try findings.collect({ try self.file(path) }) else { continue }
            if files.updateValue(file, forKey: file.path) != nil {
                findings.add(Diagnostic(code: "two-sources", "'\(file.path)' has two sources: a plain file and a template", at: location))
            }
        }
        for (path, content) in made {
            files[path] = declared(path, content.reveal { Array($0.utf8) }, isSecret: true, executable: false, secretDefault: true)
        }
        try findings.throwIfErrors()
        let sorted = files.values.sorted { $0.path < $1.path }
        return DeclaredTree(files: sorted, directories: directories(of: sorted))
    }

    private func localPaths() throws -> [String] {
        guard let walk = FileManager.default.enumerator(atPath: root) else {
            throw Diagnostic(code: "file-unreadable", "cannot list \(root)", at: location)
        }
        var paths: [String] = []
        while let path = walk.nextObject() as? String {
            if excluded.contains(where: { $0.matches(path) }) {
                walk.skipDescendants()
                continue
            }
            var isDirectory: ObjCBool = false
            guard FileManager.default.fileExists(atPath: root + "/" + path, isDirectory: &isDirectory), !isDirectory.boolValue
            else { continue }
            paths.append(path)
            guard paths.count <= Self.mostFiles else {
                throw Diagnostic(code: "tree-too-large", "\(root) holds more than \(Self.mostFiles) files", at: location)
            }
        }
        return paths.sorted()
    }

    private func file(_ path: String) throws -> DeclaredTree.File {
        let source = root + "/" + path
        let executable = LocalFile.bits(source) & 0o111 != 0
        guard path.hasSuffix(".j2") else {
            return declared(path, try LocalFile.bytes(source, at: location), isSecret: false, executable: executable)
        }
        let text = try LocalFile.text(source, at: location)
        let template = try Template(source: text, file: source, environment: environment.templates(for: source))
        let rendered = try template.render(environment.scope)
        guard let content = SensitiveText(rendered) else {
            throw Diagnostic(code: "not-text", "the template gave a \(rendered.kindName)", at: SourceLocation(file: source))
        }
        return declared(
            String(path.dropLast(3)), content.reveal { Array($0.utf8) }, isSecret: content.isSecret, executable: executable)
    }

    private func declared(
        _ path: String, _ content: [UInt8], isSecret: Bool, executable: Bool, secretDefault: Bool = false
    ) -> DeclaredTree.File {
        var file = DeclaredTree.File(
            path: path, content: content, isSecret: isSecret,
            bits: secretDefault ? 0o400 : isSecret ? 0o600 : executable ? 0o755 : 0o644,
            owner: nil, group: nil, sha256: FileWrite.sha256(content))
        for rule in rules where rule.pattern.matches(path) {
            file.owner = rule.owner ?? file.owner
            file.group = rule.group ?? file.group
            if let mode = rule.mode { file.bits = mode.resolved(current: file.bits, isDirectory: false) }
        }
        return file
    }

    private func directories(of files: [DeclaredTree.File]) -> [DeclaredTree.Directory] {
        var paths: Set<String> = []
        for file in files {
            var names = file.path.split(separator: "/").dropLast()
            while !names.isEmpty {
                paths.insert(names.joined(separator: "/"))
                names.removeLast()
            }
        }
        return paths.sorted().map { path in
            var directory = DeclaredTree.Directory(path: path, bits: 0o755, owner: nil, group: nil)
            for rule in rules where rule.pattern.matches(path) || rule.pattern.matches(path + "/x") {
                directory.owner = rule.owner ?? directory.owner
                directory.group = rule.group ?? directory.group
                if let mode = rule.directoryMode { directory.bits = mode.resolved(current: directory.bits, isDirectory: true) }
            }
            return directory
        }
    }
}
