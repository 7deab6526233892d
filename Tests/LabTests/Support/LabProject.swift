import Foundation

/// A small project in a directory of its own, for one test, whose host is app1 as user `deploy` unless told
/// otherwise. What the test leaves behind here and on hosts goes away when it ends, last made first.
final class LabProject {
    let directory: String
    /// A directory on the hosts that belongs to this test alone; nothing is there at first.
    let remote: String
    private var cleanups: [() async throws -> Void] = []

    private init(name: String) throws {
        let unique = "\(name)-\(UUID().uuidString.prefix(8).lowercased())"
        directory = NSTemporaryDirectory() + "opsctl-test-\(unique)"
        remote = "/opt/opsctl-test-\(unique)"
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    }

    /// Makes a project, has `body` use it, and cleans up however `body` ends.
    static func with(
        _ name: String = #function, inventory: String = app1(), _ body: (LabProject) async throws -> Void
    ) async throws {
        try Lab.require()
        let project = try LabProject(name: name.prefix { $0.isLetter || $0.isNumber }.lowercased())
        project.write("inventory/test.yml", inventory)
        project.cleanUp {
            for host in ["app1", "mon1"] { try await Lab.shell(host, "rm -rf \(project.remote)") }
        }
        do {
            try await body(project)
        } catch {
            await project.removeAll()
            throw error
        }
        await project.removeAll()
    }

    private func removeAll() async {
        for cleanup in cleanups.reversed() { try? await cleanup() }
        try? FileManager.default.removeItem(atPath: directory)
    }

    func cleanUp(_ action: @escaping () async throws -> Void) { cleanups.append(action) }

    /// Has `docker compose down` clean up what runs in `remote`.
    func cleanUpContainers(on host: String = "app1") {
        cleanUp { [remote] in
            let ids = "docker ps -aq --filter label=com.docker.compose.project.working_dir=\(remote)"
            try await Lab.shell(
                host,
                "docker rm -fv $(\(ids)); docker network prune -f --filter label=com.docker.compose.project=\(remote.dropFirst(5))")
        }
    }

    func write(_ path: String, _ text: String) {
        let url = URL(fileURLWithPath: "\(directory)/\(path)")
        try? FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        _ = FileManager.default.createFile(atPath: url.path, contents: Data(text.utf8))
    }

    /// Writes `steps`, lines of a list, as the only play of playbooks/site.yml.
    func steps(_ steps: String, hosts: String = "all", play: String = "") {
        let indented = steps.split(separator: "\n", omittingEmptySubsequences: false).map { "    " + $0 }.joined(separator: "\n")
        let head = play.isEmpty ? "" : play.split(separator: "\n").map { "  \($0)\n" }.joined()
        write("playbooks/site.yml", "- name: Test\n  hosts: \(hosts)\n\(head)  steps:\n\(indented)\n")
    }

    func opsctl(
        _ arguments: String..., environment: [String: String] = [:], stdin: String = "", timeout: Duration = .seconds(90)
    ) async throws -> Opsctl.Result {
        try await Opsctl.run(arguments, environment: environment, in: directory, stdin: stdin, timeout: timeout)
    }

    func start(_ arguments: String...) throws -> RunningOpsctl { try RunningOpsctl(arguments, in: directory) }

    /// `opsctl run playbooks/site.yml` with more arguments.
    func run(_ arguments: String..., timeout: Duration = .seconds(90)) async throws -> Opsctl.Result {
        try await Opsctl.run(["run", "playbooks/site.yml"] + arguments, in: directory, timeout: timeout)
    }
}

// MARK: - Inventories

extension LabProject {
    private static func login(knownHosts: String, key: String) -> String {
        "-o UserKnownHostsFile=\(knownHosts) -o IdentitiesOnly=yes -i \(key)"
    }

    /// Hosts by name, each a mapping's inside such as `ansible_host: 10.77.0.12`.
    static func inventory(
        _ hosts: [(name: String, vars: String)], user: String = "deploy", knownHosts: String = Lab.knownHosts,
        key: String = Lab.key(), vars: String = "", options: String = ""
    ) -> String {
        """
        all:
          vars:
            ansible_user: \(user)
            ansible_ssh_timeout: 60
            ansible_ssh_common_args: \(options)\(login(knownHosts: knownHosts, key: key))
        \(vars.split(separator: "\n").map { "    " + $0 + "\n" }.joined())  hosts:
        \(hosts.map { "    \($0.name): {\($0.vars)}\n" }.joined())
        """
    }

    static func app1(
        _ hostVars: String = "", user: String = "deploy", knownHosts: String = Lab.knownHosts, key: String = Lab.key(), vars: String = ""
    ) -> String {
        let own = hostVars.isEmpty ? "" : ", " + hostVars
        return inventory([("app1", "ansible_host: \(Lab.app1)\(own)")], user: user, knownHosts: knownHosts, key: key, vars: vars)
    }

    static let both = inventory([("app1", "ansible_host: \(Lab.app1)"), ("mon1", "ansible_host: \(Lab.mon1)")])
}
