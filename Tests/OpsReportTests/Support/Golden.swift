import Foundation
import Testing

/// Compares a text with `Goldens/<name>`; `OPSCTL_UPDATE_GOLDENS=1 swift test` writes them all anew.
func expectGolden(_ name: String, _ text: String, sourceLocation: SourceLocation = #_sourceLocation) throws {
    let file = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "Goldens").appending(path: name)
    if ProcessInfo.processInfo.environment["OPSCTL_UPDATE_GOLDENS"] == "1" {
        try Data(text.utf8).write(to: file)
        return
    }
    let golden = try String(contentsOf: file, encoding: .utf8)
    #expect(text == golden, "differs from Goldens/\(name)", sourceLocation: sourceLocation)
}
