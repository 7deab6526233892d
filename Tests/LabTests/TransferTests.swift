import Foundation
import Testing

/// Pushes that are cut short: what was there stays, and the next deploy needs no repair.
@Suite(.serialized) struct TransferTests {
    /// Text that doesn't compress, the same for the same seed.
    private static func noise(_ bytes: Int, seed: UInt64) -> String {
        var state = seed
        var text = ""
        text.reserveCapacity(bytes)
        while text.utf8.count < bytes {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            text += String(state >> 1, radix: 36) + (state & 7 == 0 ? "\n" : "")
        }
        return text
    }

    @Test func aFullDiskLeavesTheOldFiles() async throws {
        try await LabProject.with { project in
            let destination = "/mnt/small/" + project.remote.dropFirst(5)
            project.cleanUp { try await Lab.shell("app1", "rm -rf \(destination)") }
            project.steps("- name: Files\n  push: {src: tree, dest: '\(destination)'}", play: "become: true")
            project.write("playbooks/tree/a.txt", "old a\n")
            project.write("playbooks/tree/b.txt", "old b\n")
            let first = try await project.run("test")
            #expect(first.status == 0, "\(first)")

            project.write("playbooks/tree/a.txt", "new a\n")
            for number in 0..<12 { project.write("playbooks/tree/big\(number).txt", Self.noise(1 << 20, seed: UInt64(number))) }
            let full = try await project.run("test")
            #expect(full.status == 2, "\(full)")
            #expect(full.all.contains("No space left on device"), "\(full)")
            #expect(try await Lab.shell("app1", "cat \(destination)/*.txt") == "old a\nold b\n")

            for number in 0..<12 { try FileManager.default.removeItem(atPath: "\(project.directory)/playbooks/tree/big\(number).txt") }
            let repaired = try await project.run("test")
            #expect(repaired.status == 0, "\(repaired)")
            #expect(try await Lab.shell("app1", "cat \(destination)/*.txt") == "new a\nold b\n")
            #expect(try await Lab.shell("app1", "ls \(destination)/.opsctl/releases | wc -l") == "2\n")
        }
    }

    @Test(arguments: [200_000, 900_000]) func aConnectionCutInAPushLeavesTheOldFiles(after bytes: Int) async throws {
        try await LabProject.with { project in
            let proxy = try await LabProxy.start(["--to", "\(Lab.app1):22", "--cut-after", "\(bytes)", "--cut-count", "1"])
            project.cleanUp { proxy.stop() }
            project.steps("- name: Files\n  push: {src: tree, dest: '\(project.remote)'}", play: "become: true")
            project.write("playbooks/tree/a.txt", "old a\n")
            #expect(try await project.run("test").status == 0)

            project.write("playbooks/tree/a.txt", "new a\n")
            for number in 0..<4 { project.write("playbooks/tree/big\(number).txt", Self.noise(1 << 20, seed: UInt64(number))) }
            project.write("inventory/test.yml", proxy.inventory)
            let cut = try await project.run("test")
            #expect(cut.status == 4, "\(cut)")
            #expect(cut.all.contains("unreachable"), "\(cut)")
            #expect(try await Lab.shell("app1", "cd \(project.remote) && ls && cat a.txt") == "a.txt\nold a\n")

            let repaired = try await project.run("test")
            #expect(repaired.status == 0, "\(repaired)")
            #expect(
                try await Lab.shell("app1", "cd \(project.remote) && ls && cat a.txt")
                    == "a.txt\nbig0.txt\nbig1.txt\nbig2.txt\nbig3.txt\nnew a\n")
            let again = try await project.run("test")
            #expect(again.stdout.contains("changed=0"), "\(again)")
        }
    }

    @Test func ctrlCEndsTheRemoteProcessToo() async throws {
        try await LabProject.with { project in
            let mark = "7\(Int.random(in: 10000...99999))"
            project.steps("- name: Long\n  command: sleep \(mark)\n- name: Next\n  command: echo next-step")
            let run = try project.start("run", "playbooks/site.yml", "test")
            let running = "pgrep -fx 'sleep \(mark)' || true"
            #expect(try await eventually { try await !Lab.shell("app1", running).isEmpty }, "the step never started\n\(run.stderr)")
            run.interrupt()
            let result = try await run.end(within: .seconds(30))
            #expect(result.status == 130, "\(result)")
            #expect(result.all.contains("interrupted"), "\(result)")
            #expect(!result.all.contains("next-step"))
            #expect(try await eventually(within: .seconds(5)) { try await Lab.shell("app1", running).isEmpty }, "sleep still runs")
        }
    }
}
