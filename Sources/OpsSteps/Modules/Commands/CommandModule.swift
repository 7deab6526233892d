import OpsCore
import OpsTransport

/// `command`: one program with its arguments; no shell reads them.
struct CommandModule: StepModule {
    static let name = "command"
    static let parameters =
        [
            Parameter(Parameter.freeText, "program and arguments, split as a shell splits words"),
            Parameter("cmd", "program and arguments as one text"),
            Parameter("argv", "program and arguments as a list"),
        ] + CommandRun.parameters

    private let words: [String]
    private let run: CommandRun

    init(_ arguments: ArgumentReader, _ environment: StepEnvironment) throws {
        run = try CommandRun(arguments)
        if let argv = try arguments.list("argv") {
            words = try argv.map { word in
                guard let text = word.string ?? word.int.map(String.init) else {
                    throw arguments.complaint("argv", code: "wrong-type", "'argv' must be a list of plain texts")
                }
                return text
            }
        } else if let line = try arguments.string("cmd") ?? arguments.string(Parameter.freeText) {
            words = try ShellWords.split(line, complaining: { arguments.complaint(Parameter.freeText, code: "bad-quoting", $0) })
        } else {
            words = []
        }
        guard let program = words.first, !program.isEmpty else {
            throw Diagnostic(code: "missing-argument", "'command' needs a program to run", at: arguments.location)
        }
    }

    func perform(_ work: StepWork) async throws -> StepResult {
        let line = ShellQuoting.join(words)
        return try await run.perform("exec " + line, shown: line, work)
    }
}

/// Splits text into words as a POSIX shell does, quotes and backslashes honoured, nothing expanded.
enum ShellWords {
    static func split(_ line: String, complaining: (String) -> Diagnostic) throws(Diagnostic) -> [String] {
        var words: [String] = []
        var word: String?
        var quote: Character?
        var escaped = false
        for character in line {
            if escaped {
                // Inside double quotes a backslash only escapes what the shell would expand.
                if quote == "\"", !"\"\\$`\n".contains(character) { word = (word ?? "") + "\\" }
                word = (word ?? "") + String(character)
                escaped = false
            } else if character == "\\", quote != "'" {
                escaped = true
            } else if let open = quote {
                if character == open { quote = nil } else { word = (word ?? "") + String(character) }
            } else if character == "'" || character == "\"" {
                quote = character
                word = word ?? ""
            } else if character.isWhitespace {
                if let done = word { words.append(done) }
                word = nil
            } else {
                word = (word ?? "") + String(character)
            }
        }
        if let quote { throw complaining("a \(quote) is not closed") }
        if escaped { throw complaining("a backslash stands at the end") }
        return word.map { words + [$0] } ?? words
    }
}
