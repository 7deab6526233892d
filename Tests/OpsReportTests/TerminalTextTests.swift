import OpsReport
import Testing

@Suite struct TerminalTextTests {
    @Test(arguments: [
        ("plain äöü 監視 👍", "plain äöü 監視 👍"),
        ("\u{1B}[1;31mred\u{1B}[0m", "red"),
        ("\u{1B}[2J\u{1B}[H", "\\x1b[2J\\x1b[H"),
        ("\u{1B}]0;title\u{7}", "\\x1b]0;title\\x07"),
        ("a\tb\nc\rd\u{0}\u{7F}\u{9B}", "a  b\\nc\\rd\\x00\\x7f\\x9b"),
        ("\u{202E}txt.exe\u{200B}", "\\u{202e}txt.exe\\u{200b}"),
        ("\u{1B}[31", "\\x1b[31"),
        ("\u{1B}[\u{1B}[0mm", "\\x1b[m"),
    ])
    func whatHostsSayCannotSteerTheTerminal(text: String, shown: String) {
        #expect(TerminalText.line(text) == shown)
    }

    @Test func aLineIsBounded() {
        #expect(TerminalText.line(String(repeating: "x", count: 5000), limit: 10) == "xxxxxxxxxx… (4990 more bytes)")
        #expect(TerminalText.line("a" + String(repeating: "\u{301}", count: 5000)).unicodeScalars.count == 9)
    }

    @Test func aBlockKeepsItsEnd() {
        let text = (1...50).map { "line \($0)" }.joined(separator: "\r\n") + "\n\n"
        #expect(TerminalText.block(text, limit: 2) == ["… 48 lines before", "line 49", "line 50"])
        #expect(TerminalText.block("") == [])
        #expect(TerminalText.block("\n \n") == [])
        #expect(TerminalText.block("50%\r100%") == ["50%", "100%"])
    }

    @Test(arguments: [
        ("abc", 3), ("監視", 4), ("e\u{301}", 1), ("👍", 2), ("👨‍👩‍👧", 2), ("✓", 1), ("✗", 1), ("한", 2), ("ﬀ", 1),
        ("❤\u{FE0F}", 2),
    ])
    func width(text: String, columns: Int) {
        #expect(TerminalText.width(text) == columns)
    }

    @Test(arguments: [
        ("abcdef", 6, "abcdef"), ("abcdef", 5, "abcd…"), ("監視中", 5, "監視…"), ("監視中", 4, "監…"), ("abc", 1, "…"),
        ("abc", 0, ""),
        ("監", 1, "…"), ("", 0, ""),
    ])
    func truncation(text: String, columns: Int, shown: String) {
        #expect(TerminalText.truncate(text, to: columns) == shown)
    }

    @Test func colourIsDecidedByTheEnvironment() {
        #expect(OutputStyle.detect(isTerminal: true, environment: [:]).colour)
        #expect(!OutputStyle.detect(isTerminal: false, environment: [:]).colour)
        #expect(!OutputStyle.detect(isTerminal: true, environment: ["NO_COLOR": "1"]).colour)
        #expect(OutputStyle.detect(isTerminal: true, environment: ["NO_COLOR": ""]).colour)
        #expect(!OutputStyle.detect(isTerminal: true, environment: ["TERM": "dumb"]).colour)
        #expect(OutputStyle.detect(isTerminal: false, environment: ["CLICOLOR_FORCE": "1"]).colour)
    }
}
