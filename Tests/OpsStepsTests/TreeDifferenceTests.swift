import OpsCore
import Testing

@testable import OpsSteps

@Suite struct TreeDifferenceTests {
    private func file(_ path: String, _ text: String, bits: Int = 0o644, owner: String? = nil) -> DeclaredTree.File {
        let content = Array(text.utf8)
        return .init(path: path, content: content, isSecret: false, bits: bits, owner: owner, group: nil, sha256: FileWrite.sha256(content))
    }

    private func host(_ lines: [(path: String, text: String, mode: String)], released: [String] = []) -> HostTree {
        let sums = lines.map { "\(FileWrite.sha256($0.text.utf8))  \($0.path)" }
        let stats = lines.map { "\($0.mode)|0|0|root|root|regular file|\($0.path)" } + ["755|0|0|root|root|directory|config"]
        let former = released.map { "\(String(repeating: "0", count: 64))  \($0)" }
        return HostTree(parsing: (sums + ["---"] + stats + ["---"] + former).joined(separator: "\n"))
    }

    private let directory = DeclaredTree.Directory(path: "config", bits: 0o755, owner: nil, group: nil)

    private func difference(_ files: [DeclaredTree.File], _ found: HostTree, deletes: Bool = true) -> TreeDifference {
        TreeDifference(
            declared: DeclaredTree(files: files, directories: [directory]), found: found, destination: "/opt/x", deletes: deletes)
    }

    @Test func equalTreesDiffer_inNothing() {
        let result = difference([file("config/a", "1")], host([("config/a", "1", "644")]))
        #expect(result.changes.isEmpty)
        #expect(result.files.isEmpty)
    }

    @Test func contentModeAndOwnerAreToldApart() {
        let found = host([("config/a", "1", "644"), ("config/b", "1", "644"), ("config/c", "1", "644")])
        let result = difference([file("config/a", "2"), file("config/b", "1", bits: 0o600), file("config/c", "1", owner: "65534")], found)
        #expect(result.changes.map(\.summary) == ["content", "mode 0644 → 0600", "owner root → 65534"])
        #expect(result.files.map(\.path) == ["config/a", "config/b", "config/c"])
    }

    @Test func whatIsGoneIsRemoved_evenFromElsewhere() {
        let result = difference(
            [file("config/a", "1")], host([("config/a", "1", "644"), ("config/old", "1", "644")], released: ["compose.yml"]))
        #expect(result.removed == ["compose.yml", "config/old"])
        #expect(
            difference([file("config/a", "1")], host([("config/a", "1", "644"), ("config/old", "1", "644")]), deletes: false)
                .removed.isEmpty)
    }

    @Test func missingDirectoriesComeWhole() {
        let files = ["compose.yml", "config/a", "data/deep/b", "data/deep/c"].map { file($0, "1") }
        let directories = ["config", "data", "data/deep"].map { DeclaredTree.Directory(path: $0, bits: 0o755, owner: nil, group: nil) }
        let found = host([("config/z", "1", "644")])
        let result = TreeDifference(
            declared: DeclaredTree(files: files, directories: directories), found: found, destination: "/opt/x", deletes: false)
        #expect(result.pieces == ["compose.yml", "config/a", "data"])
    }

    @Test func numericOwnersMatchNames() {
        #expect(difference([file("config/a", "1", owner: "0")], host([("config/a", "1", "644")])).changes.isEmpty)
    }

    @Test func garbledAnswersCountAsForeign() {
        let found = HostTree(parsing: "\\nonsense\n---\n644|x\n||||||\n---\n")
        #expect(difference([file("config/a", "1")], found).files.count == 1)
    }
}
