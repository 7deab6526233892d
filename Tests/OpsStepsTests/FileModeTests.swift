import OpsCore
import Testing

@testable import OpsSteps

@Suite struct FileModeTests {
    @Test(arguments: [
        (Value.string("0644"), 0o600, 0o644), ("644", 0, 0o644), (.int(0o644), 0, 0o644), ("u=rw,go=r", 0o777, 0o644),
        ("u+x", 0o644, 0o744), ("go-rwx", 0o755, 0o700), ("a=rX", 0o644, 0o444), ("a=rX", 0o755, 0o555),
        ("u=rwxs", 0o644, 0o4744), ("+t", 0o755, 0o1755),
    ] as [(Value, Int, Int)])
    func reads(written: Value, current: Int, result: Int) throws {
        #expect(try FileMode(written).resolved(current: current, isDirectory: false) == result)
    }

    @Test func capitalXIsExecuteForDirectories() throws {
        #expect(try FileMode("u=rwX,go=rX").resolved(current: 0, isDirectory: true) == 0o755)
    }

    @Test(arguments: [644, 755, 600, 1777])
    func aForgottenZeroIsRefused(number: Int) {
        #expect { try FileMode(.int(number)) } throws: { ($0 as? Diagnostic)?.code == "decimal-mode" }
    }

    @Test(arguments: ["", "rw", "u~x", "99999", "u=rwz"] as [String])
    func nonsenseIsRefused(text: String) {
        #expect { try FileMode(.string(text)) } throws: { ($0 as? Diagnostic)?.code == "bad-mode" }
    }
}

@Suite struct PathPatternTests {
    @Test(arguments: [
        ("*.yml", "a/b/c.yml", true), ("secrets/**", "secrets/a/b", true), ("secrets/**", "secret/a", false),
        ("config/*/x.j2", "config/a/x.j2", true), ("config/*/x.j2", "config/a/b/x.j2", false), ("config/", "config/a/b", true),
        ("**/rules/*.yml", "a/b/rules/x.yml", true), ("**/rules/*.yml", "rules/x.yml", true), ("a?c", "abc", true), ("a?c", "ac", false),
    ])
    func matches(pattern: String, path: String, expected: Bool) {
        #expect(PathPattern(pattern).matches(path) == expected)
    }

    @Test func hostilePatternsEndSoon() {
        let pattern = PathPattern(String(repeating: "*a", count: 40) + "b")
        #expect(!pattern.matches(String(repeating: "a", count: 200)))
    }
}

@Suite struct ShellWordsTests {
    @Test(arguments: [
        ("ls -l", ["ls", "-l"]), ("a 'b c' d", ["a", "b c", "d"]), ("a \"b \\\" c\"", ["a", "b \" c"]), ("a\\ b", ["a b"]),
        ("''", [""]), ("x='y z'", ["x=y z"]), ("\"\\n\"", ["\\n"]),
    ])
    func splits(line: String, words: [String]) throws {
        #expect(try ShellWords.split(line) { Diagnostic(code: "x", $0) } == words)
    }

    @Test(arguments: ["'a", "\"a", "a\\"])
    func unclosedQuotesAreRefused(line: String) {
        #expect(throws: Diagnostic.self) { try ShellWords.split(line) { Diagnostic(code: "x", $0) } }
    }
}
