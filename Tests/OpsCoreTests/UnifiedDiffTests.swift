import Testing

@testable import OpsCore

@Suite struct UnifiedDiffTests {
    private let diff = UnifiedDiff()

    @Test func equalFilesGiveNothing() {
        #expect(diff.text(before: "a\nb\n", after: "a\nb\n") == "")
        #expect(diff.text(before: nil as String?, after: nil) == "")
    }

    @Test func showsAChangeInItsContext() {
        let before = (1...9).map { "line \($0)\n" }.joined()
        let after = before.replacing("line 5", with: "line five")
        #expect(
            diff.text(before: before, after: after, path: "/etc/motd") == """
                --- before: /etc/motd
                +++ after: /etc/motd
                @@ -2,7 +2,7 @@
                 line 2
                 line 3
                 line 4
                -line 5
                +line five
                 line 6
                 line 7
                 line 8

                """)
    }

    @Test func farChangesGetHunksOfTheirOwnAndNearOnesShareOne() {
        func text(_ changed: Set<Int>) -> String {
            (1...20).map { changed.contains($0) ? "x\($0)\n" : "\($0)\n" }.joined()
        }
        #expect(diff.text(before: text([]), after: text([4, 11])).matches(of: /@@ .* @@/).count == 1)
        #expect(diff.text(before: text([]), after: text([4, 12])).matches(of: /@@ .* @@/).count == 2)
    }

    @Test func newAndDeletedFiles() {
        #expect(diff.text(before: nil, after: "a\nb\n") == "--- /dev/null\n+++ after\n@@ -0,0 +1,2 @@\n+a\n+b\n")
        #expect(diff.text(before: "a\n", after: nil) == "--- before\n+++ /dev/null\n@@ -1 +0,0 @@\n-a\n")
        #expect(diff.text(before: nil, after: "") == "--- /dev/null\n+++ after\n")
    }

    @Test func aMissingNewlineAtTheEndIsADifference() {
        #expect(
            diff.text(before: "a\nb", after: "a\nb\n") == """
                --- before
                +++ after
                @@ -1,2 +1,2 @@
                 a
                -b
                \\ No newline at end of file
                +b

                """)
    }

    @Test func textsThatOnlyLookAlikeDiffer() {
        #expect(diff.text(before: "caf\u{E9}\n", after: "cafe\u{301}\n") != "")
        #expect(diff.text(before: "a\r\n", after: "a\n") != "")
    }

    @Test(arguments: [[0x61, 0x00, 0x62], [0xFF, 0xFE, 0x41]] as [[UInt8]])
    func binaryFilesSaySo(bytes: [UInt8]) {
        let text = diff.text(before: Array("text\n".utf8), after: bytes)
        #expect(text.hasSuffix("binary files differ: 5 bytes → 3 bytes\n"))
    }

    @Test func theResultIsBoundedInLinesAndColumns() {
        var small = diff
        small.maximumLines = 10
        small.maximumLineBytes = 20
        let text = small.text(
            before: nil, after: String(repeating: String(repeating: "x", count: 1000) + "\n", count: 99))
        #expect(text.split(separator: "\n").count == 11)
        #expect(text.hasSuffix("... 92 more lines\n"))
        #expect(text.split(separator: "\n").allSatisfy { $0.count <= 22 })
        small.maximumFileBytes = 100
        #expect(small.text(before: "a", after: String(repeating: "b", count: 101)).contains("too large to compare"))
    }

    @Test func aSecretIsMaskedBeforeItsLineIsCut() {
        let redactor = Redactor()
        redactor.register(Secret("correct horse battery"))
        var small = UnifiedDiff(redactor: redactor)
        small.maximumLineBytes = 20
        let text = small.text(before: nil, after: "password: correct horse battery\n")
        #expect(text.hasSuffix("+password: •••\n"))
    }

    @Test func thousandsOfChangedLinesAreReplacedWhole() {
        let old = (0..<3000).map { "old \($0)\n" }.joined()
        let new = (0..<3000).map { "new \($0)\n" }.joined()
        var unbounded = diff
        unbounded.maximumLines = .max
        #expect(
            unbounded.text(before: old, after: new).hasPrefix("--- before\n+++ after\n@@ -1,3000 +1,3000 @@\n-old 0\n"))
    }
}

@Suite struct LineEditsTests {
    /// The length of a shortest script, by the textbook's longest common subsequence.
    private func shortest(_ old: [Int], _ new: [Int]) -> Int {
        var row = [Int](repeating: 0, count: new.count + 1)
        for a in old {
            var diagonal = 0
            for (index, b) in new.enumerated() {
                (diagonal, row[index + 1]) = (row[index + 1], a == b ? diagonal + 1 : max(row[index + 1], row[index]))
            }
        }
        return old.count + new.count - 2 * (row.last ?? 0)
    }

    @Test(arguments: 0..<200)
    func scriptsAreShortestAndLeadToTheNewText(seed: Int) {
        var random = SplitMix(state: UInt64(seed))
        let old = (0..<Int.random(in: 0...30, using: &random)).map { _ in Int.random(in: 0...4, using: &random) }
        let new = (0..<Int.random(in: 0...30, using: &random)).map { _ in Int.random(in: 0...4, using: &random) }
        let edits = LineEdits.from(old, to: new)

        var (position, result): (Int, [Int]) = (0, [])
        for edit in edits {
            #expect(edit.position == (position, result.count))
            switch edit {
            case .keep(let index, _):
                result.append(old[index])
                position += 1
            case .delete: position += 1
            case .insert(_, let index): result.append(new[index])
            }
        }
        #expect(position == old.count)
        #expect(result == new)
        #expect(edits.count { !$0.isKept } == shortest(old, new))
    }
}

/// Random numbers that are the same in every run (Steele, Lea, Flood: SplitMix64).
private struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
