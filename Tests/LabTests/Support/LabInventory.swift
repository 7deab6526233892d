import Foundation

/// The lab's inventory with something changed, in a file of its own.
struct LabInventory {
    let path: String
    private let directory: String

    init(_ change: (String) -> String) throws {
        directory = NSTemporaryDirectory() + "opsctl-inventory-\(UUID().uuidString)"
        path = directory + "/lab.yml"
        let original = try String(contentsOfFile: Lab.checkout + "/inventory/lab.yml", encoding: .utf8)
        let changed = change(original)
        guard changed != original else { throw Lab.Missing(description: "inventory/lab.yml has not what was to be changed") }
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        try changed.write(toFile: path, atomically: true, encoding: .utf8)
    }

    func remove() { try? FileManager.default.removeItem(atPath: directory) }
}
