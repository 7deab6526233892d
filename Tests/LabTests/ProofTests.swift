import Foundation
import Testing

extension SharedStack {
    /// Every break, and what takes minutes: a real alert from its rule to its mail, a test alert to every receiver.
    @Suite(.serialized) struct ProofTests {
        init() throws { try Lab.require() }

        @Test(.serialized, arguments: Breakage.all.dropFirst(Breakage.essential.count))
        func turnsExactlyItsChecksRed(_ breakage: Breakage) async throws { try await breakage.prove() }

        @Test func isGreenAfterAllRepairs() async throws {
            try await DeployedStack.once()
            let green = try await Opsctl.run(["verify", "lab"], in: Lab.checkout, timeout: .seconds(240))
            #expect(green.status == 0, "\(green)")
        }
    }
}

extension Breakage {
    /// Breaks it, sees exactly its checks red and none lost, and repairs it.
    func prove() async throws {
        try await DeployedStack.once()
        let whole = try await GreenRows.of(tag)
        do {
            try await breaking()
            let broken = try await Verification.until(self, in: Lab.checkout) { isSeen(in: $0) }
            #expect(broken.result.status == 2, "\(broken.result)")
            #expect(broken.failed == red, "\(broken.result)")
            #expect(broken.unknown == unknown, "\(broken.result)")
            let lost = whole.subtracting(broken.rows).filter { row in !Self.sums.contains(where: row.contains) }
            #expect(lost.isEmpty, "not told any more: \(lost)\n\(broken.result)")
            for words in words { #expect(broken.result.all.contains(words), "no '\(words)' in \(broken.result)") }
        } catch {
            try? await repairing()
            throw error
        }
        // The next case sees whether this one left anything broken, and the last test sees all of them.
        try await repairing()
    }

    /// Rows that stand for several checks as long as one of those is well.
    private static let sums = ["prometheus targets up", "ports of "]

    /// Exactly its checks are red or unknown, with its words.
    func isSeen(in verification: Verification) -> Bool {
        verification.failed == red && verification.unknown == unknown && words.allSatisfy(verification.result.all.contains)
    }
}

/// The stack as shipped, deployed once for all cases: each leaves it as it was.
enum DeployedStack {
    private static let onlyOnce = OnlyOnce()

    static func once() async throws {
        try await onlyOnce.run {
            let deploy = try await Opsctl.run(["deploy", "lab", "--yes"], in: Lab.checkout, timeout: .seconds(240))
            #expect(deploy.status == 0, "\(deploy)")
        }
    }
}

/// Does something the first time that it is asked to.
private actor OnlyOnce {
    private var isDone = false

    func run(_ action: @Sendable () async throws -> Void) async throws {
        guard !isDone else { return }
        isDone = true
        try await action()
    }
}

/// The rows of each part of verify.yml while all is well.
private actor GreenRows {
    private static let shared = GreenRows()
    private var rows: [String: Set<String>] = [:]

    static func of(_ tag: String) async throws -> Set<String> { try await shared.rows(tag) }

    private func rows(_ tag: String) async throws -> Set<String> {
        if let known = rows[tag] { return known }
        let green = try await Verification.run(["--only", tag], in: Lab.checkout)
        #expect(green.result.status == 0, "\(green.result)")
        rows[tag] = green.rows
        return green.rows
    }
}

/// A part of `opsctl verify lab`, with the names of its checks.
struct Verification {
    var result: Opsctl.Result
    var rows: Set<String>
    var failed: Set<String>
    var unknown: Set<String>

    static func run(_ arguments: [String], in project: String) async throws -> Verification {
        let report = NSTemporaryDirectory() + "opsctl-proof-\(UUID().uuidString).xml"
        defer { try? FileManager.default.removeItem(atPath: report) }
        let result = try await Opsctl.run(["verify", "lab", "--junit", report] + Lab.whileTestsRun + arguments, in: project, timeout: .seconds(180))
        let text = (try? String(contentsOfFile: report, encoding: .utf8)) ?? ""
        func names(_ next: String) throws -> Set<String> {
            let pattern = try Regex(#"<testcase classname="[^"]*" name="([^"]*)"[^>]*>"# + next, as: (Substring, Substring).self)
            return Set(text.matches(of: pattern).map { String($0.1) })
        }
        return Verification(result: result, rows: try names(""), failed: try names("\n *<failure "), unknown: try names("\n *<error "))
    }

    /// Again and again: a break shows with the next scrape, evaluation or notification.
    static func until(
        _ breakage: Breakage, in project: String, _ isEnough: (Verification) -> Bool
    ) async throws -> Verification {
        let deadline = ContinuousClock.now + .seconds(75)
        while true {
            let verification = try await run(["--only", breakage.tag, "-e", "verify_timeout=4s"] + breakage.arguments, in: project)
            if isEnough(verification) || ContinuousClock.now >= deadline { return verification }
            try await Task.sleep(for: .milliseconds(500))
        }
    }
}
