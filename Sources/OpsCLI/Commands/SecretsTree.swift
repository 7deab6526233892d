import Foundation
import OpsCore
import OpsSecrets

/// The files below a directory of secrets.
enum SecretsTree {
    /// Every file, in subdirectories too and whatever its name begins with, but for notes.
    /// - Returns: paths that begin with `directory`, sorted
    /// - Throws: `Diagnostic` for a directory that can't be read
    static func files(below directory: String) throws(Diagnostic) -> [String] {
        var found: [String] = []
        for path in try names(in: directory).map({ "\(directory)/\($0)" }) {
            if isDirectory(path) {
                found += try files(below: path)
            } else if !SecretPlaces.isNote(path) {
                found.append(path)
            }
        }
        return found
    }

    /// Those right in it.
    static func files(in directory: String) throws(Diagnostic) -> [String] {
        try names(in: directory).map { "\(directory)/\($0)" }.filter { !isDirectory($0) && !SecretPlaces.isNote($0) }
    }

    private static func names(in directory: String) throws(Diagnostic) -> [String] {
        do {
            return try FileManager.default.contentsOfDirectory(atPath: directory).sorted {
                $0.utf8.lexicographicallyPrecedes($1.utf8)
            }
        } catch {
            throw Diagnostic(
                code: "file-unreadable", "cannot read the directory", at: SourceLocation(file: directory))
        }
    }

    /// A link to a directory is none: what it names is looked at where it is, and it could lead in a circle.
    private static func isDirectory(_ path: String) -> Bool {
        let type = try? FileManager.default.attributesOfItem(atPath: path)[.type] as? FileAttributeType
        return type == .typeDirectory
    }
}
