import Foundation
import OpsCore
import OpsTransport

/// Tries a staged tree with the services' own images before anything is switched: `promtool check config`,
/// `amtool check-config`, `docker compose config`, whatever `x-opsctl.validate` says.
struct StackValidation: Sendable {
    var catalogue: Catalogue
    var release: Release

    private struct Job {
        var label: String
        var command: String
    }

    /// Runs all checks side by side, each in a container without a network that sees only the staged files.
    /// Prints `<number> <exit status>` and what it said, for each. Nil if there is nothing to check.
    var script: String? {
        let jobs = jobs
        guard !jobs.isEmpty else { return nil }
        let starts = jobs.enumerated().map { index, job in
            "( \(job.command) ) > \"$w/\(index)\" 2>&1 < /dev/null; echo $? > \"$w/\(index).status\""
        }.map { "{ \($0); } &\n" }.joined()
        return """
            w=$(mktemp -d) || exit
            trap 'rm -rf "$w"' EXIT
            \(starts)wait
            for i in \((0..<jobs.count).map(String.init).joined(separator: " ")); do
            printf '\(Self.mark) %s %s\\n' "$i" "$(cat "$w/$i.status")"; tail -c 4000 "$w/$i"; echo
            done
            """
    }

    private static let mark = "opsctl-validation"

    private var jobs: [Job] {
        var jobs: [Job] = []
        if changed("compose.yml") {
            let file = ShellQuoting.quote("\(release.stagedTree)/compose.yml")
            let directory = ShellQuoting.quote(release.stagedTree)
            jobs.append(
                Job(
                    label: "docker compose config",
                    command: "docker compose -f \(file) --project-directory \(directory) config -q"))
        }
        for service in catalogue.services where service.config.contains(where: changed) || changed("compose.yml") {
            jobs += service.validate.map { Job(label: "\(service.name): \(ShellQuoting.join($0))", command: container(service, $0)) }
        }
        return jobs
    }

    private func changed(_ path: String) -> Bool {
        release.difference.files.contains { $0.path == path || $0.path.hasPrefix(path + "/") }
            || release.difference.removed.contains { $0.hasPrefix(path + "/") }
    }

    private func container(_ service: Catalogue.Service, _ command: [String]) -> String {
        var words = ["docker", "run", "--rm", "--network", "none", "--pull", "missing"]
        if let user = service.containerUser { words += ["--user", user] }
        for mount in service.mounts where release.tree.files.contains(where: { $0.path.hasPrefix(mount.source + "/") }) {
            words += ["-v", "\(release.stagedTree)/\(mount.source):\(mount.target):ro"]
        }
        words += ["--entrypoint", command[0], service.image] + command.dropFirst()
        return ShellQuoting.join(words)
    }

    /// - Throws: `DiagnosticError` with the tools' own words, one for each check that failed.
    func check(_ result: CommandResult) throws {
        let jobs = jobs
        var findings = DiagnosticCollector()
        for (index, job) in jobs.enumerated() {
            guard let (status, output) = Self.answer(index, in: result.stdout.text) else {
                findings.add(Diagnostic(code: "validation-lost", "'\(job.label)' gave no answer: \(result.stderr.text.suffix(200))"))
                continue
            }
            guard status != 0 else { continue }
            findings.add(Diagnostic(
                code: "invalid-configuration", "\(job.label) refused the new configuration; nothing was switched",
                hints: output.split(separator: "\n").suffix(12).map(String.init)))
        }
        try findings.throwIfErrors()
    }

    private static func answer(_ index: Int, in text: String) -> (status: Int, output: String)? {
        for part in text.components(separatedBy: mark + " ").dropFirst() {
            let words = part.prefix { $0 != "\n" }.split(separator: " ")
            guard words.first == "\(index)", let status = words.dropFirst().first.flatMap({ Int($0) }) else { continue }
            return (status, String(part.drop { $0 != "\n" }.dropFirst()))
        }
        return nil
    }
}
