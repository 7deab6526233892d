import Foundation
import OpsCore
import Testing

@testable import OpsTemplate

/// Mutated and random templates: an answer or an error, never a crash or a hang, and no more memory than the limits
/// give reason for.
@Suite struct FuzzTests {
    /// Most memory that all mutants together may add, in bytes, with what other tests take at the same time.
    private static let mostMemory = 512 << 20

    /// Memory of this process that is in use; 0 where the system does not tell.
    private static var residentBytes: Int {
        guard let text = try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8) else { return 0 }
        return (text.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0) * Int(getpagesize())
    }

    /// SplitMix64: small, seeded, the same everywhere.
    private struct Generator: RandomNumberGenerator {
        var state: UInt64
        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var z = state
            z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
            z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
            return z ^ (z >> 31)
        }
    }

    private static let pieces = [
        "{{", "}}", "{%", "%}", "{#", "#}", "-", "+", "if ", "else", "elif ", "endif", "for ", "in ", "endfor", "set ", "endset", "macro ",
        "endmacro", "call ", "endcall", "block ", "endblock", "raw", "endraw", "is ", "not ", "and ", "or ", "(", ")", "[", "]", "{",
        "}", "|", ".", ",", ":", "=", "==", "~", "*", "**", "/", "//", "%", "'", "\"", "\\", "\n", "x", "l", "d", "s", "1", "0", "1.5",
        "loop", "range(", "join", "map(", "default(", "format(", "int", "sort", "regex_search('", "to_yaml", "caller()", "ns",
        "namespace(", "recursive", "é", "☃", "\u{0}", "filter ", "endfilter", "with ", "endwith", "do ", "true", "none",
        "9223372036854775807", "-1", "::", "replace(", "slice(",
    ]

    @Test(.timeLimit(.minutes(2)), arguments: [1, 2, 3, 4] as [UInt64])
    func mutantsEnd(_ seed: UInt64) throws {
        var generator = Generator(state: seed)
        var environment = TemplateEnvironment()
        environment.limits.iterations = 20_000
        environment.limits.outputSize = 1 << 18
        environment.limits.regexSteps = 50_000
        let corpus = try TemplateCase.files.flatMap { try TemplateCase.load($0) }
            .compactMap { $0.content["template"]?.string ?? $0.content["expression"]?.string.map { "{{ \($0) }}" } }
            .filter { !$0.contains("password_hash") }
        let scope = VariableScope([
            "x": 3, "s": "text", "l": [3, 1, 2], "d": ["a": 1, "b": ["c": [10]]], "n": nil, "p": .secret(Secret("q")),
        ])
        var rendered = 0
        let before = Self.residentBytes
        for round in 0..<1500 {
            var source = Array((corpus.randomElement(using: &generator) ?? "").unicodeScalars)
            for _ in 0..<Int.random(in: 1...4, using: &generator) { mutate(&source, corpus, &generator) }
            let text = String(String.UnicodeScalarView(source))
            if text.contains("password_hash") { continue }
            if let template = try? Template(source: text, file: "fuzz", environment: environment), (try? template.evaluate(scope)) != nil {
                rendered += 1
            }
            let memory = Self.residentBytes
            try #require(memory < before + Self.mostMemory, "round \(round): \(memory >> 20) MB after \(text.debugDescription)")
        }
        #expect(rendered > 20)
    }

    private func mutate(_ source: inout [Unicode.Scalar], _ corpus: [String], _ generator: inout Generator) {
        let position = Int.random(in: 0...source.count, using: &generator)
        switch Int.random(in: 0..<5, using: &generator) {
        case 0: source.insert(contentsOf: (FuzzTests.pieces.randomElement(using: &generator) ?? "").unicodeScalars, at: position)
        case 1:
            let end = min(source.count, position + Int.random(in: 1...6, using: &generator))
            source.removeSubrange(position..<end)
        case 2:
            let other = Array((corpus.randomElement(using: &generator) ?? "").unicodeScalars)
            source.insert(contentsOf: other.prefix(Int.random(in: 0...other.count, using: &generator)), at: position)
        case 3:
            let end = min(source.count, position + Int.random(in: 1...10, using: &generator))
            source.insert(contentsOf: source[position..<end], at: position)
        default:
            if position < source.count { source[position] = Unicode.Scalar(UInt8.random(in: 0..<128, using: &generator)) }
        }
    }
}
