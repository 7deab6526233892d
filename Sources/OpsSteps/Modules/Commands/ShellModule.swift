import OpsCore
import OpsTransport

/// `shell`: a script that the host's shell interprets.
struct ShellModule: StepModule {
    static let name = "shell"
    static let parameters =
        [
            Parameter(Parameter.freeText, "shell script"),
            Parameter("cmd", "shell script"),
        ] + CommandRun.parameters

    private let script: String
    private let run: CommandRun

    init(_ arguments: ArgumentReader, _ environment: StepEnvironment) throws {
        run = try CommandRun(arguments)
        guard let text = try arguments.string("cmd") ?? arguments.string(Parameter.freeText), !text.isEmpty else {
            throw Diagnostic(code: "missing-argument", "'shell' needs a script", at: arguments.location)
        }
        script = text
    }

    func perform(_ work: StepWork) async throws -> StepResult {
        let command = run.executable.map { "exec \(ShellQuoting.quote($0)) -c \(ShellQuoting.quote(script))" } ?? script
        return try await run.perform(command, shown: script, work)
    }
}

/// `raw`: a script as it is. On opsctl's hosts the same as `shell`, since no step needs Python.
struct RawModule: StepModule {
    static let name = "raw"
    static let parameters = [
        Parameter(Parameter.freeText, "shell script"),
        Parameter("executable", "shell to use instead of /bin/sh"),
    ]

    private let script: String
    private let run: CommandRun

    init(_ arguments: ArgumentReader, _ environment: StepEnvironment) throws {
        run = try CommandRun(arguments)
        script = try arguments.required(Parameter.freeText)
    }

    func perform(_ work: StepWork) async throws -> StepResult {
        let command = run.executable.map { "exec \(ShellQuoting.quote($0)) -c \(ShellQuoting.quote(script))" } ?? script
        return try await run.perform(command, shown: script, work)
    }
}

/// `script`: a local script, run on the host.
struct ScriptModule: StepModule {
    static let name = "script"
    static let parameters =
        [
            Parameter(Parameter.freeText, "local script and its arguments"),
            Parameter("cmd", "local script and its arguments"),
        ] + CommandRun.parameters

    private let content: [UInt8]
    private let words: [String]
    private let run: CommandRun

    init(_ arguments: ArgumentReader, _ environment: StepEnvironment) throws {
        run = try CommandRun(arguments)
        let line = try arguments.string("cmd") ?? arguments.required(Parameter.freeText)
        words = try ShellWords.split(line) { arguments.complaint(Parameter.freeText, code: "bad-quoting", $0) }
        guard let name = words.first else {
            throw Diagnostic(code: "missing-argument", "'script' needs a local script", at: arguments.location)
        }
        let path = try environment.search(.files).require(name, at: arguments.location(of: Parameter.freeText))
        content = try LocalFile.bytes(path, at: arguments.location(of: Parameter.freeText))
    }

    func perform(_ work: StepWork) async throws -> StepResult {
        guard !work.mode.checkMode else { return try await run.perform("", shown: words[0], work) }
        // The script travels on standard input of its own channel into a private temporary file.
        let interpreter = run.executable.map { ShellQuoting.quote($0) + " " } ?? ""
        let command = """
            umask 077
            t=$(mktemp) || exit
            trap 'rm -f "$t"' EXIT
            cat > "$t"
            [ "$(sha256sum < "$t" | cut -d' ' -f1)" = \(FileWrite.sha256(content)) ] || { echo 'the script did not arrive whole' >&2; exit 6; }
            chmod 700 "$t"
            \(run.script("\(interpreter)\"$t\" \(ShellQuoting.join(words.dropFirst())) < /dev/null"))
            """
        let result = try await work.session.upload(ByteChunks([content]), to: command, timeout: work.timeout, become: work.become)
        return CommandRun.result(result, shown: words.joined(separator: " "))
    }
}
