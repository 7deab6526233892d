import OpsCore
import OpsTransport

/// `user`: an account of the host.
struct UserModule: StateModule {
    static let name = "user"
    static let parameters = [
        Parameter("name", "login name", required: true, aliases: ["user"]),
        Parameter("state", "whether there is one", choices: ["present", "absent"]),
        Parameter("uid", "numeric id"),
        Parameter("group", "primary group"),
        Parameter("groups", "further groups"),
        Parameter("append", "keep groups that aren't named"),
        Parameter("shell", "login shell"),
        Parameter("home", "home directory"),
        Parameter("comment", "full name"),
        Parameter("system", "a system account"),
        Parameter("create_home", "make the home directory (default true)", aliases: ["createhome"]),
        Parameter("remove", "with 'absent': remove the home directory too"),
        Parameter("password", "password as crypt(3) hashed it"),
        Parameter("update_password", "when to set the password", choices: ["always", "on_create"]),
    ]

    private let name: String
    private let isPresent: Bool
    private let fields: [(key: String, flag: String, value: String)]
    private let groups: [String]?
    private let append: Bool
    private let system: Bool
    private let createHome: Bool
    private let remove: Bool
    private let password: SensitiveText?
    private let updatesPassword: Bool

    init(_ arguments: ArgumentReader, _ environment: StepEnvironment) throws {
        name = try arguments.required("name")
        guard name.wholeMatch(of: /[A-Za-z_][A-Za-z0-9_.-]*\$?/) != nil else {
            throw arguments.complaint("name", code: "bad-name", "'\(name)' is no login name")
        }
        isPresent = try arguments.string("state", default: "present") == "present"
        fields = try [("uid", "-u"), ("group", "-g"), ("home", "-d"), ("comment", "-c"), ("shell", "-s")].compactMap {
            key, flag in try arguments.string(key).map { (key, flag, $0) }
        }
        groups = try arguments.strings("groups")
        append = try arguments.bool("append", default: false)
        system = try arguments.bool("system", default: false)
        createHome = try arguments.bool("create_home", default: true)
        remove = try arguments.bool("remove", default: false)
        password = try arguments.sensitive("password")
        updatesPassword = try arguments.string("update_password", default: "always") == "always"
    }

    /// Prints the passwd line, the primary group, all groups, and the password's hash if readable.
    var probe: Probe? {
        Probe(
            """
            getent passwd \(name) && { id -gn \(name); id -Gn \(name); }
            \(password == nil ? "" : "getent shadow \(name) | cut -d: -f2")
            true
            """)
    }

    private struct Account {
        var fields: [String: String]
        var groups: Set<String>
        var hash: String
    }

    private func account(_ work: StepWork) -> Account? {
        let lines = (work.seen?.stdout.text ?? "").split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        guard let entry = lines.first, entry.hasPrefix(name + ":"), lines.count >= 3 else { return nil }
        let parts = entry.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        guard parts.count >= 7 else { return nil }
        let primary = lines[1]
        return Account(
            fields: ["uid": parts[2], "group": primary, "comment": parts[4], "home": parts[5], "shell": parts[6], "gid": parts[3]],
            groups: Set(lines[2].split(separator: " ").map(String.init)).subtracting([primary]),
            hash: lines.count > 3 ? lines[3] : "")
    }

    func changes(_ work: StepWork) async throws -> [Change] {
        let resource = "user \(name)"
        guard let account = account(work) else { return isPresent ? [Change(.create, resource)] : [] }
        guard isPresent else { return [Change(.delete, resource)] }
        var changes = fields.compactMap { field -> Change? in
            let current = account.fields[field.key] ?? ""
            if current == field.value || (field.key == "group" && account.fields["gid"] == field.value) { return nil }
            return Change(.update, resource, summary: "\(field.key) \(current) → \(field.value)")
        }
        if let groups {
            let missing = Set(groups).subtracting(account.groups)
            let extra = append ? [] : account.groups.subtracting(groups)
            if !missing.isEmpty || !extra.isEmpty {
                let words = missing.sorted().map { "+\($0)" } + extra.sorted().map { "-\($0)" }
                changes.append(Change(.update, resource, summary: "groups " + words.joined(separator: " ")))
            }
        }
        if let password, updatesPassword, password.reveal({ $0 != account.hash }) {
            changes.append(Change(.update, resource, summary: "password"))
        }
        return changes
    }

    func apply(_ changes: [Change], _ work: StepWork) async throws -> StepResult {
        let exists = account(work) != nil
        let setsPassword = password != nil && (!exists || updatesPassword)
        let script = "set -e\n" + (isPresent ? change(exists: exists) : "userdel \(remove ? "-r " : "")\(name)\n")
            + (isPresent && setsPassword ? "chpasswd -e\n" : "")
        let input = setsPassword ? password.map { password in
            SensitiveText.secret(Secret(password.reveal { "\(name):\($0)\n" }))
        } : nil
        try await work.require(script, to: "change user \(name)", input: input)
        return StepResult(changes: changes, message: name, values: ["name": .string(name)])
    }

    private func change(exists: Bool) -> String {
        var words = fields.flatMap { [$0.flag, $0.value] }
        if let groups { words += (exists && append ? ["-a"] : []) + ["-G", groups.joined(separator: ",")] }
        if !exists {
            if system { words.append("-r") }
            words.append(createHome ? "-m" : "-M")
        }
        if exists, words.isEmpty { return "" }
        return "\(exists ? "usermod" : "useradd") \(ShellQuoting.join(words)) \(name) < /dev/null\n"
    }
}

/// `group`: a group of the host.
struct GroupModule: StateModule {
    static let name = "group"
    static let parameters = [
        Parameter("name", "the group", required: true),
        Parameter("state", "whether there is one", choices: ["present", "absent"]),
        Parameter("gid", "numeric id"),
        Parameter("system", "a system group"),
    ]

    private let name: String
    private let isPresent: Bool
    private let gid: Int?
    private let system: Bool

    init(_ arguments: ArgumentReader, _ environment: StepEnvironment) throws {
        name = try arguments.required("name")
        guard name.wholeMatch(of: /[A-Za-z_][A-Za-z0-9_.-]*/) != nil else {
            throw arguments.complaint("name", code: "bad-name", "'\(name)' is no group name")
        }
        isPresent = try arguments.string("state", default: "present") == "present"
        gid = try arguments.int("gid")
        system = try arguments.bool("system", default: false)
    }

    var probe: Probe? { Probe("getent group \(name)\ntrue\n") }

    private func currentGID(_ work: StepWork) -> String? {
        let parts = (work.seen?.stdout.text ?? "").split(separator: ":", omittingEmptySubsequences: false)
        return parts.count >= 3 ? String(parts[2]) : nil
    }

    func changes(_ work: StepWork) async throws -> [Change] {
        guard let current = currentGID(work) else { return isPresent ? [Change(.create, "group \(name)")] : [] }
        guard isPresent else { return [Change(.delete, "group \(name)")] }
        guard let gid, String(gid) != current else { return [] }
        return [Change(.update, "group \(name)", summary: "gid \(current) → \(gid)")]
    }

    func apply(_ changes: [Change], _ work: StepWork) async throws -> StepResult {
        let flags = (gid.map { "-g \($0) " } ?? "")
        let script: String =
            switch changes.first?.action {
            case .create: "groupadd \(system ? "-r " : "")\(flags)\(name)"
            case .delete: "groupdel \(name)"
            default: "groupmod \(flags)\(name)"
            }
        try await work.require(script, to: "change group \(name)")
        return StepResult(changes: changes, message: name)
    }
}
