import OpsCore
import OpsMonitoring
import OpsTransport

/// Starts what is missing, recreates what changed, waits, and has the rest take up its new configuration.
struct ComposeUp {
    var module: ComposeModule
    var work: StepWork
    var state: ComposeState

    func perform(_ changes: [Change]) async throws -> StepResult {
        let fresh = services(changes, [.create, .update, .start, .delete])
        if !fresh.isEmpty { try await up() }
        let recreated = services(changes, [.restart])
        if !recreated.isEmpty { try await recreate(recreated) }
        await work.progress("waiting for containers")
        let survey = try await ComposeWait(module: module, work: work).untilSettled(fresh: fresh.union(recreated))
        let reloaded = services(changes, [.reload])
        for name in reloaded.sorted() { try await reload(name, survey) }
        try await record(fresh.union(recreated).union(reloaded))
        return StepResult(changes: changes, message: Self.summary(changes))
    }

    private func services(_ changes: [Change], _ actions: Set<Change.Action>) -> Set<String> {
        Set(changes.filter { actions.contains($0.action) }.map { String($0.resource.dropFirst("service ".count)) })
    }

    private func up() async throws {
        await work.progress("starting containers")
        let orphans = module.removeOrphans && module.services.isEmpty ? " --remove-orphans" : ""
        let list = module.services.isEmpty ? "" : " " + ShellQuoting.join(module.services)
        try await module.docker(
            "\(module.command) up -d --no-build --quiet-pull --pull \(module.pull)\(orphans)\(list)", "start the stack", work)
    }

    private func recreate(_ names: Set<String>) async throws {
        let list = ShellQuoting.join(names.sorted())
        await work.progress("recreating \(names.sorted().joined(separator: ", "))")
        // Not with --no-deps: compose then leaves `depends_on` out of the hash that it keeps of the definition, and the next
        // run would find the definition changed. What they depend on is up to date by now and stays.
        try await module.docker("\(module.command) up -d --no-build --force-recreate \(list)", "recreate \(list)", work)
    }

    private func reload(_ name: String, _ survey: StackSurvey) async throws {
        guard let service = state.catalogue[name], let container = survey[name] else { return }
        await work.progress("reloading \(name)")
        switch service.reload {
        case .http(let path, let port):
            guard let endpoint = container.endpoint(port: port, declaredHost: service.health?.host) else {
                throw Diagnostic(code: "no-address", "cannot reload \(name): its container has no address")
            }
            try await post(name, path, endpoint, as: try await service.login?.credentials(in: module.directory, work))
        case .signal(let signal):
            try await module.docker("docker kill -s \(ShellQuoting.quote(signal)) \(container.id)", "reload \(name)", work)
        case .recreate, nil:
            break
        }
    }

    private func post(_ name: String, _ path: String, _ endpoint: Endpoint, as credentials: HTTPCredentials?) async throws {
        let client = HTTPClient(through: work.session)
        let answer: HTTPResponse
        do {
            let url = try HTTPURL("http://\(endpoint)\(path)", endpoint: endpoint)
            answer = try await client.send(HTTPRequest(url, method: "POST", credentials: credentials, timeout: .seconds(30)))
            await client.close()
        } catch {
            await client.close()
            throw (error as? HTTPError)?.diagnostic ?? error
        }
        guard answer.status != 401 else {
            throw Diagnostic(
                code: "login-refused", "\(name) does not reload for the login that its x-opsctl names",
                hints: credentials == nil ? ["name one: login: {user: ..., password_file: ...}"] : [])
        }
        guard (200..<300).contains(answer.status) else {
            let reason = answer.text.prefix(600).trimming()
            throw Diagnostic(
                code: "reload-refused", "\(name) refused its new configuration (status \(answer.status)): \(reason)",
                hints: ["it goes on with the old one; mend the configuration and deploy again"])
        }
    }

    /// Notes on the host which configuration each service has taken up.
    private func record(_ names: Set<String>) async throws {
        let lines = names.sorted().compactMap { name in
            state.configured[name].map { "printf '%s\\n' \($0) > \(ShellQuoting.quote(name))" }
        }
        guard !lines.isEmpty else { return }
        let directory = ShellQuoting.quote("\(module.directory)/.opsctl/applied")
        try await work.require(
            "set -e\numask 077\nmkdir -p \(directory)\ncd \(directory)\n" + lines.joined(separator: "\n"),
            to: "record the configuration in use")
        module.trees.settle(names, in: module.directory)
    }

    /// `3 created, 1 reloaded`
    private static func summary(_ changes: [Change]) -> String {
        let words: [(Change.Action, String)] = [
            (.create, "created"), (.update, "recreated"), (.restart, "recreated"), (.start, "started"),
            (.reload, "reloaded"), (.delete, "removed"),
        ]
        return words.compactMap { action, word in
            let count = changes.filter { $0.action == action }.count
            return count == 0 ? nil : "\(count) \(word)"
        }.joined(separator: ", ")
    }
}
