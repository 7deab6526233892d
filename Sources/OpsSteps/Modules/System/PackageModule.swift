import OpsCore
import OpsTransport

/// `package` and `apt`: packages of the host's distribution are installed or not.
struct PackageModule: StateModule {
    static let name = "package"
    static let parameters = [
        Parameter("name", "package or list of packages", required: true, aliases: ["pkg"]),
        Parameter("state", "what they shall be", choices: ["present", "installed", "absent", "removed", "latest"]),
        Parameter("update_cache", "fetch the package lists first", aliases: ["update-cache"]),
        Parameter("cache_valid_time", "seconds for which fetched lists are new enough"),
        Parameter("purge", "remove configuration files too"),
        Parameter("install_recommends", "whether apt installs recommended packages"),
    ]

    private let names: [String]
    private let state: String
    private let updateCache: Bool
    private let cacheValidSeconds: Int
    private let purge: Bool
    private let recommends: Bool

    init(_ arguments: ArgumentReader, _ environment: StepEnvironment) throws {
        names = try arguments.strings("name") ?? []
        if let bad = names.first(where: { $0.hasPrefix("-") || $0.contains(where: \.isWhitespace) }) {
            throw arguments.complaint("name", code: "bad-name", "'\(bad)' is no package name")
        }
        let written = try arguments.string("state", default: "present")
        state = ["installed": "present", "removed": "absent"][written] ?? written
        updateCache = try arguments.bool("update_cache", default: false)
        cacheValidSeconds = try arguments.int("cache_valid_time", default: 0)
        purge = try arguments.bool("purge", default: false)
        recommends = try arguments.bool("install_recommends", default: true)
    }

    /// Prints the tool, then `package version` for each installed one, then the age of the lists.
    var probe: Probe? {
        let list = ShellQuoting.join(names)
        return Probe(
            """
            if command -v apt-get >/dev/null 2>&1; then echo apt-get
              dpkg-query -W -f '${Package} ${db:Status-Status} ${Version}\\n' -- \(list) 2>/dev/null | sed -n 's/ installed / /p'
            elif command -v dnf >/dev/null 2>&1; then echo dnf; rpm -q --qf '%{NAME} %{VERSION}\\n' -- \(list) | grep -v 'is not installed'
            elif command -v yum >/dev/null 2>&1; then echo yum; rpm -q --qf '%{NAME} %{VERSION}\\n' -- \(list) | grep -v 'is not installed'
            elif command -v apk >/dev/null 2>&1; then echo apk; for p in \(list); do apk info -e "$p" 2>/dev/null | sed 's/$/ installed/'; done
            elif command -v zypper >/dev/null 2>&1; then echo zypper; rpm -q --qf '%{NAME} %{VERSION}\\n' -- \(list) | grep -v 'is not installed'
            else echo none; fi
            echo "--- $(( $(date +%s) - $(stat -c %Y /var/lib/apt/lists 2>/dev/null || echo 0) ))"
            """)
    }

    private func seen(_ work: StepWork) -> (tool: String, installed: Set<String>, listAge: Int) {
        let lines = (work.seen?.stdout.text ?? "").split(separator: "\n").map(String.init)
        let age = lines.last { $0.hasPrefix("--- ") }.flatMap { Int($0.dropFirst(4)) } ?? .max
        let installed = lines.dropFirst().filter { !$0.hasPrefix("--- ") }.compactMap { $0.split(separator: " ").first.map(String.init) }
        return (lines.first ?? "none", Set(installed), age)
    }

    func changes(_ work: StepWork) async throws -> [Change] {
        let (tool, installed, _) = seen(work)
        guard tool != "none" else {
            throw Diagnostic(code: "no-package-tool", "\(work.mode.host) has none of apt-get, dnf, yum, apk, zypper")
        }
        return names.compactMap { name in
            let bare = String(name.prefix { $0 != "=" && $0 != ":" })
            switch state {
            case "absent": return installed.contains(bare) ? Change(.delete, "package \(name)") : nil
            case "latest":
                return installed.contains(bare)
                    ? Change(.update, "package \(name)", summary: "latest") : Change(.create, "package \(name)")
            default: return installed.contains(bare) ? nil : Change(.create, "package \(name)")
            }
        }
    }

    func apply(_ changes: [Change], _ work: StepWork) async throws -> StepResult {
        let (tool, _, age) = seen(work)
        let wanted = changes.map { String($0.resource.dropFirst("package ".count)) }
        var script = "export DEBIAN_FRONTEND=noninteractive\n"
        if updateCache, age >= cacheValidSeconds { script += "\(refresh(tool)) || exit\n" }
        script += command(tool, ShellQuoting.join(wanted))
        await work.progress("\(state == "absent" ? "removing" : "installing") \(wanted.joined(separator: ", "))")
        let result = try await work.run(script)
        guard result.succeeded else {
            return .failed(result.complaint(failing: "bring \(wanted.joined(separator: ", ")) to '\(state)'"),
                           stdout: result.stdout.text, stderr: result.stderr.text)
        }
        return StepResult(changes: changes, message: wanted.joined(separator: ", "))
    }

    private func refresh(_ tool: String) -> String {
        switch tool {
        case "apt-get": "apt-get -q update"
        case "apk": "apk update"
        case "zypper": "zypper -n refresh"
        default: "\(tool) -q makecache"
        }
    }

    private func command(_ tool: String, _ list: String) -> String {
        switch (tool, state) {
        case ("apt-get", "absent"): "apt-get -qy \(purge ? "purge" : "remove") -- \(list)"
        case ("apt-get", _): "apt-get -qy \(recommends ? "" : "--no-install-recommends ")install -- \(list)"
        case ("apk", "absent"): "apk del \(list)"
        case ("apk", "latest"): "apk add -u \(list)"
        case ("apk", _): "apk add \(list)"
        case ("zypper", "absent"): "zypper -n remove \(list)"
        case ("zypper", _): "zypper -n install \(list)"
        case (_, "absent"): "\(tool) -qy remove \(list)"
        case (_, "latest"): "\(tool) -qy install \(list) && \(tool) -qy upgrade \(list)"
        default: "\(tool) -qy install \(list)"
        }
    }
}
