import Foundation
import Testing

extension SharedStack {
    /// What `opsctl verify` guards, broken one thing at a time on the deployed stack: exactly the checks that guard it
    /// turn red, in words that name the trouble. Repaired, it doesn't disturb the next case.
    @Suite(.serialized) struct ProofTests {
        init() throws { try Lab.require() }

        @Test(.serialized, arguments: Breakage.all)
        func turnsExactlyItsChecksRed(_ breakage: Breakage) async throws {
            try await Self.deployed()
            let project = Lab.checkout
            do {
                try await breakage.breaking()
                let red = try await Verification.until(breakage, in: project) { breakage.isSeen(in: $0) }
                #expect(red.result.status == 2, "\(red.result)")
                #expect(Set(red.failed) == breakage.red, "\(red.result)")
                for words in breakage.words { #expect(red.result.all.contains(words), "no '\(words)' in \(red.result)") }
            } catch {
                try? await breakage.repairing()
                throw error
            }
            // The next case sees whether this one left anything broken, and the last test sees all of them.
            try await breakage.repairing()
        }

        @Test func isGreenAfterAllRepairs() async throws {
            try await Self.deployed()
            let green = try await Opsctl.run(["verify", "lab"], in: Lab.checkout, timeout: .seconds(240))
            #expect(green.status == 0, "\(green)")
        }

        /// The stack as shipped, once for all cases: each leaves it as it was.
        private static func deployed() async throws {
            try await onlyOnce.run {
                let deploy = try await Opsctl.run(["deploy", "lab", "--yes"], in: Lab.checkout, timeout: .seconds(240))
                #expect(deploy.status == 0, "\(deploy)")
            }
        }

        private static let onlyOnce = OnlyOnce()
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

extension Breakage {
    /// Exactly its checks are red, with its words.
    func isSeen(in verification: Verification) -> Bool {
        Set(verification.failed) == red && words.allSatisfy(verification.result.all.contains)
    }
}

/// A part of `opsctl verify lab`, with the names of the checks that failed.
struct Verification {
    var result: Opsctl.Result
    var failed: [String]

    static func run(_ breakage: Breakage, in project: String) async throws -> Verification {
        let report = NSTemporaryDirectory() + "opsctl-proof-\(UUID().uuidString).xml"
        defer { try? FileManager.default.removeItem(atPath: report) }
        let result = try await Opsctl.run(
            ["verify", "lab", "--only", breakage.tag, "--junit", report, "-e", "verify_timeout=4s"] + breakage.arguments,
            in: project)
        let text = (try? String(contentsOfFile: report, encoding: .utf8)) ?? ""
        let failures = text.matches(of: #/<testcase classname="[^"]*" name="([^"]*)"[^>]*>\n *<(?:failure|error) /#)
        return Verification(result: result, failed: failures.map { String($0.1) })
    }

    /// Again and again: a break shows with the next scrape, evaluation or notification.
    static func until(
        _ breakage: Breakage, in project: String, _ isEnough: (Verification) -> Bool
    ) async throws -> Verification {
        let deadline = ContinuousClock.now + .seconds(75)
        while true {
            let verification = try await run(breakage, in: project)
            if isEnough(verification) || ContinuousClock.now >= deadline { return verification }
            try await Task.sleep(for: .milliseconds(500))
        }
    }
}
