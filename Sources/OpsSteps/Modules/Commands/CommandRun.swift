import OpsCore
import OpsProject
import OpsTransport

/// What `command`, `shell`, `raw` and `script` share: where to run, when not to, and what to register.
struct CommandRun: Sendable {
    var directory: String?
    var creates: String?
    var removes: String?
    var input: SensitiveText?
    var executable: String?

    static let parameters = [
        Parameter("chdir", "directory to run in"),
        Parameter("creates", "skip if this path or glob exists"),
        Parameter("removes", "skip unless this path or glob exists"),
        Parameter("stdin", "text for the command's standard input; may be a secret"),
        Parameter("stdin_add_newline", "whether to end the text with a newline"),
        Parameter("executable", "shell to use instead of /bin/sh"),
    ]

    init(_ arguments: ArgumentReader) throws(Diagnostic) {
        directory = try arguments.string("chdir")
        creates = try arguments.string("creates")
        removes = try arguments.string("removes")
        executable = try arguments.string("executable")
        let newline = try arguments.bool("stdin_add_newline", default: true) ? "\n" : ""
        switch try arguments.sensitive("stdin") {
        case nil: input = nil
        case .plain(let text): input = .plain(text + newline)
        case .secret(let secret): input = .secret(Secret(secret.reveal { $0 + newline }))
        }
    }

    /// Exit status of the guard that says `creates`/`removes` make the command needless. Not used by programs
    /// by convention (sysexits ends at 78), and told apart by the word on standard error.
    private static let needless = 113

    /// The guard and the command as one script: one round trip.
    func script(_ command: String) -> String {
        var lines = ""
        if let directory { lines += "cd -- \(ShellQuoting.quote(directory)) || exit\n" }
        if let creates {
            lines += "for f in \(Self.glob(creates)); do [ -e \"$f\" ] && { echo 'opsctl: exists' >&2; exit \(Self.needless); }; done\n"
        }
        if let removes {
            lines += "found=; for f in \(Self.glob(removes)); do [ -e \"$f\" ] && found=1; done\n"
            lines += "[ -n \"$found\" ] || { echo 'opsctl: missing' >&2; exit \(Self.needless); }\n"
        }
        return lines + command
    }

    /// A path that the shell still expands `* ? [` in, and nothing else.
    private static func glob(_ pattern: String) -> String {
        pattern.map { "*?[]".contains($0) ? String($0) : ShellQuoting.quote(String($0)) }.joined()
    }

    func perform(_ command: String, shown: String, _ work: StepWork) async throws -> StepResult {
        if work.mode.checkMode {
            return try await foresee(work)
        }
        let result = try await work.run(script(command), input: input)
        if result.end == .exited(Self.needless), result.stderr.text.hasPrefix("opsctl: ") {
            return needlessResult()
        }
        return Self.result(result, shown: shown)
    }

    /// In check mode a command isn't run; only a guard can say more than that.
    private func foresee(_ work: StepWork) async throws -> StepResult {
        guard creates != nil || removes != nil else {
            return StepResult(skipReason: "commands are not run in check mode")
        }
        let answer = try await work.run(script("exit 0"))
        return answer.end == .exited(Self.needless)
            ? needlessResult() : StepResult(changed: true, message: "would run")
    }

    private func needlessResult() -> StepResult {
        let reason = creates.map { "\($0) exists" } ?? "\(removes ?? "") does not exist"
        return StepResult(message: "skipped, since \(reason)", values: Self.values(stdout: "", stderr: "", rc: .int(0)))
    }

    /// What a command's ending means and what `register` keeps of it.
    static func result(_ result: CommandResult, shown: String) -> StepResult {
        var rc = Value.null
        if case .exited(let code) = result.end { rc = .int(code) }
        var step = StepResult(changed: true, values: values(stdout: result.stdout.text, stderr: result.stderr.text, rc: rc))
        step.values["cmd"] = .string(shown)
        step.stdout = result.stdout.text
        step.stderr = result.stderr.text
        if result.droppedOutput > 0 {
            step.message = "\(result.droppedOutput) bytes of output were dropped"
        }
        if !result.succeeded {
            let reason = result.endDescription
            step.failure = Diagnostic(code: "command-failed", "'\(shown.prefix(80))' ended with \(reason)")
            step.message = "ended with \(reason)"
        }
        return step
    }

    private static func values(stdout: String, stderr: String, rc: Value) -> ValueMap {
        func lines(_ text: String) -> Value {
            .list(text.split(separator: "\n", omittingEmptySubsequences: false).map { .string(String($0)) })
        }
        let out = text(stdout)
        let err = text(stderr)
        return [
            "rc": rc, "stdout": .string(out), "stderr": .string(err),
            "stdout_lines": out.isEmpty ? [] : lines(out), "stderr_lines": err.isEmpty ? [] : lines(err),
        ]
    }

    /// Ansible takes the newlines off the end.
    private static func text(_ output: String) -> String {
        var text = Substring(output)
        while let last = text.last, last.isNewline { text.removeLast() }
        return String(text)
    }
}
