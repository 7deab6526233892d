import Foundation
import OpsCore

/// The directory that `include_vars` with `dir` reads (`plugins/action/include_vars.py`).
public struct VarsDirectory: Sendable {
    /// Absolute.
    public let path: String
    private let location: SourceLocation
    /// How many levels are read; 0 for all.
    public var depth = 0
    /// Regular expression for the names of files to read.
    public var matching: String?
    /// Regular expressions for the ends of names to leave out.
    public var ignored: [String] = []
    public var extensions = ["yaml", "yml", "json"]
    /// Files with other extensions are left out; else they are an error.
    public var skipsUnknownExtensions = false

    /// - Parameter name: as written; in a role it is looked for in the role's `vars`, else beside the step's file.
    public init(_ name: String, step: Step, files: ProjectFiles) {
        location = step.location
        if name.hasPrefix("/") {
            path = name
        } else if let role = step.role {
            let isInVars = name.split(separator: "/").first == "vars"
            path = isInVars ? "\(role.directory)/\(name)" : "\(role.directory)/vars/\(name)"
        } else {
            path = files.absolute("\(step.directory)/\(name)")
        }
    }

    /// The files to read, in order: later ones override.
    public func paths(_ files: ProjectFiles) throws(Diagnostic) -> [String] {
        guard files.isDirectory(path) else {
            throw problem("there is no directory '\(files.display(path))'")
        }
        let matching = try matching.map { pattern throws(Diagnostic) in try expression(pattern) }
        var ignored: [NSRegularExpression] = []
        for pattern in self.ignored { ignored.append(try expression("(?:\(pattern))\\z")) }
        var paths: [String] = []
        for directory in directories(path, files, level: 1).sorted(by: codePointOrder) {
            for name in files.names(in: directory) where !files.isDirectory("\(directory)/\(name)") {
                let isFound = { (expression: NSRegularExpression) in
                    expression.firstMatch(in: name, range: NSRange(name.startIndex..., in: name)) != nil
                }
                guard matching.map(isFound) ?? true, !ignored.contains(where: isFound) else { continue }
                if extensions.contains(name.pathExtension) {
                    paths.append("\(directory)/\(name)")
                } else if !skipsUnknownExtensions {
                    throw problem("'\(files.display("\(directory)/\(name)"))' is none of \(extensions.joined(separator: ", "))")
                }
            }
        }
        return paths
    }

    private func directories(_ directory: String, _ files: ProjectFiles, level: Int) -> [String] {
        guard level < 20, depth == 0 || level < depth else { return [directory] }
        let inner = files.names(in: directory).map { "\(directory)/\($0)" }.filter { files.isDirectory($0) }
        return [directory] + inner.flatMap { directories($0, files, level: level + 1) }
    }

    private func expression(_ pattern: String) throws(Diagnostic) -> NSRegularExpression {
        do { return try NSRegularExpression(pattern: pattern) } catch {
            throw problem("'\(pattern)' is no regular expression")
        }
    }

    private func problem(_ message: String) -> Diagnostic { Diagnostic(code: "include-vars", message, at: location) }
}
