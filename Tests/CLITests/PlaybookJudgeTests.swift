import Foundation
import Testing

/// Projects of Ansible users, run by opsctl: variables, lookups and loops give what they give in `ansible-playbook`.
struct PlaybookJudgeTests {
    @Test(arguments: PlaybookCase.names)
    func `a playbook shows what it shows in Ansible`(_ name: String) async throws {
        let playbook = try PlaybookCase(name)
        let actual = try await playbook.actual()
        #expect(actual.count == playbook.expected.count)
        for (actual, expected) in zip(actual, playbook.expected) { #expect(actual == expected) }
    }

    @Test(.enabled(if: Judge.python != nil, "run Tests/judges/setup"), .timeLimit(.minutes(10)))
    func `the expected results are what the judge shows now`() async throws {
        let script = PlaybookCase.directory.deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "judges/playbooks.py").path
        let cases = PlaybookCase.names.map { PlaybookCase.directory.appending(path: $0).path }
        let result = try await Program.run(
            [script] + cases, program: try #require(Judge.python), in: PlaybookCase.directory,
            environment: ["PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"])
        #expect(result.status == 0 && result.output.isEmpty, "\(result)")
    }
}

/// The Ansible that `Tests/judges/setup` installs.
enum Judge {
    static var python: String? {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        let judges = ProcessInfo.processInfo.environment["OPSCTL_JUDGES"] ?? root.appending(path: ".build/judges").path
        let isReady = FileManager.default.fileExists(atPath: judges + "/installed")
        return isReady && FileManager.default.isExecutableFile(atPath: judges + "/bin/python") ? judges + "/bin/python" : nil
    }
}
