import Foundation
import OpsCore

/// Reads files of the project.
enum LocalFile {
    /// Largest file that a step takes into memory, in bytes.
    static let largest = 256 << 20

    static func bytes(_ path: String, at location: SourceLocation) throws(Diagnostic) -> [UInt8] {
        do {
            let attributes = try FileManager.default.attributesOfItem(atPath: path)
            guard (attributes[.size] as? Int ?? 0) <= largest else {
                throw Diagnostic(code: "file-too-large", "\(path) is larger than \(largest >> 20) MiB", at: location)
            }
            return Array(try Data(contentsOf: URL(fileURLWithPath: path)))
        } catch let diagnostic as Diagnostic {
            throw diagnostic
        } catch {
            throw Diagnostic(code: "file-unreadable", "cannot read \(path): \(error.localizedDescription)", at: location)
        }
    }

    static func text(_ path: String, at location: SourceLocation) throws(Diagnostic) -> String {
        guard let text = String(validating: try bytes(path, at: location), as: UTF8.self) else {
            throw Diagnostic(code: "not-utf8", "\(path) is not UTF-8 text", at: location)
        }
        return text
    }

    /// Permission bits, for `mode: preserve`.
    static func bits(_ path: String) -> Int {
        let attributes = try? FileManager.default.attributesOfItem(atPath: path)
        return (attributes?[.posixPermissions] as? Int ?? 0o644) & 0o7777
    }
}
