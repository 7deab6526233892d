import OpsCore
import OpsProject
import OpsTransport

/// As whom a step's commands run. Variables win over keywords, as in Ansible.
public struct BecomeResolution {
    private let templar: Templar
    /// From `--ask-become-pass`.
    private let password: Secret?

    public init(templar: Templar, password: Secret?) {
        self.templar = templar
        self.password = password
    }

    /// - Parameter always: become whatever variables and keywords say, as for a command's `--become`.
    public func settings(_ keywords: Keywords, _ scope: StepScope, always: Bool = false) throws -> BecomeSettings? {
        guard try always || wanted(keywords, scope) else { return nil }
        let user = try text(["ansible_become_user"], scope) ?? keywords.becomeUser.map { try text($0, scope) } ?? "root"
        let method = try text(["ansible_become_method"], scope) ?? keywords.becomeMethod.map { try text($0, scope) } ?? "sudo"
        guard method == "sudo" else {
            throw Diagnostic(
                code: "unsupported-become", "become_method '\(method)' is not supported", at: keywords.becomeMethod?.location,
                hints: ["only sudo is"])
        }
        let flags = try text(["ansible_become_flags"], scope) ?? keywords.becomeFlags.map { try text($0, scope) }
        return BecomeSettings(
            user: user, password: try password(scope),
            flags: flags?.split(separator: " ").map(String.init) ?? ["-H"])
    }

    private func wanted(_ keywords: Keywords, _ scope: StepScope) throws -> Bool {
        if let value = try scope.value(of: "ansible_become") {
            if let flag = value.bool { return flag }
            if let text = value.string?.lowercased() { return ["yes", "true", "on", "1"].contains(text) }
        }
        return try keywords.become.map { try templar.flag($0, scope) } ?? false
    }

    private func password(_ scope: StepScope) throws -> Secret? {
        for name in ["ansible_become_password", "ansible_become_pass", "ansible_sudo_pass"] {
            guard let found = try scope.value(of: name).flatMap(Secret.init(password:)) else { continue }
            templar.hide(found)
            return found
        }
        return password
    }

    private func text(_ names: [String], _ scope: StepScope) throws -> String? {
        for name in names {
            if let text = try scope.value(of: name)?.string { return text }
        }
        return nil
    }

    private func text(_ located: Located, _ scope: StepScope) throws -> String {
        try templar.render(located, scope).string ?? ""
    }
}

extension Secret {
    /// A password as a variable holds it; nil for what can't be one.
    init?(password value: Value) {
        switch value {
        case .secret(let secret): self = secret
        case .string(let text): self.init(text)
        case .int(let number): self.init(String(number))
        default: return nil
        }
    }
}
