import NIOCore
import OpsCore

/// What a login works with.
struct Login: Sendable {
    var target: SSHTarget
    var keyring: Keyring
    var deadline: Deadline
    /// The connection's event loop serves nothing else, so it may be blocked by a question.
    var isOnOwnThread: Bool

    /// Asks for the passphrase of a key file; the deadline waits.
    func passphrase(for path: String, wrong: Secret?) async -> Secret? {
        await deadline.paused { await keyring.passphrase(for: path, target: target, wrong: wrong) }
    }

    /// Asks a person; the deadline waits.
    func ask(_ kind: LoginPrompts.Question.Kind) async -> Secret? {
        await deadline.paused { await keyring.answer(kind, target: target) }
    }
}

/// What has been tried, in words for `TransportError.loginRefused`.
struct LoginLog {
    let user: String
    private(set) var tried: [String] = []
    private var keys: Set<[UInt8]> = []
    private var latest: String?
    private var repeats = 1

    init(user: String) { self.user = user }

    /// The same attempt made again is told once, with how often.
    mutating func add(_ attempt: String, key: [UInt8]? = nil) {
        repeats = attempt == latest ? repeats + 1 : 1
        if repeats > 1 { tried.removeLast() }
        tried.append(repeats > 1 ? "\(attempt) (\(repeats) times)" : attempt)
        latest = attempt
        if let key { keys.insert(key) }
    }

    /// More about the latest attempt.
    mutating func note(_ remark: String) {
        if let last = tried.popLast() { tried.append("\(last): \(remark)") }
    }

    func hasTried(_ key: [UInt8]) -> Bool { keys.contains(key) }
}

/// A key to try.
enum LoginKey {
    case agent(Agent, AgentIdentity)
    case file(PrivateKeyFile)

    /// Wire form; nil for files in formats that only libssh2 reads.
    var publicKey: [UInt8]? {
        switch self {
        case .agent(_, let identity): identity.publicKey
        case .file(let file): file.publicKey
        }
    }

    /// For `LoginLog`.
    var description: String {
        let type = publicKey.flatMap(KeyType.of).map { printable($0, limit: 64) } ?? "unknown type"
        return switch self {
        case .agent(_, let identity): "agent key '\(identity.comment)' (\(type))"
        case .file(let file): "key file \(file.path) (\(type))"
        }
    }

    /// Keys in OpenSSH's order: those of the agent that are also named as files, the agent's others, then
    /// the files that the agent doesn't hold.
    static func collect(for target: SSHTarget, loop: any EventLoop, log: inout LoginLog) async -> [LoginKey] {
        var files: [PrivateKeyFile] = []
        var named: [[UInt8]] = []
        for identity in target.identities {
            do throws(PrivateKeyFile.Problem) {
                let file = try PrivateKeyFile(path: identity.path)
                files.append(file)
                if let key = file.publicKey { named.append(key) }
            } catch {
                if let key = PrivateKeyFile.publicKey(besides: identity.path) { named.append(key) }
                if identity.isExplicit || error != .missing { log.add("key file \(identity.path): \(error.words)") }
            }
        }
        var held: [LoginKey] = []
        if let socket = target.agentSocket {
            let agent = Agent(socket: socket, loop: loop)
            do throws(Agent.Problem) {
                held = try await agent.identities().map { .agent(agent, $0) }
            } catch {
                log.add("agent at \(socket): \(error.words)")
            }
        }
        let isNamed: (LoginKey) -> Bool = { $0.publicKey.map(named.contains) ?? false }
        let heldKeys = Set(held.compactMap(\.publicKey))
        return held.filter(isNamed) + (target.identitiesOnly ? [] : held.filter { !isNamed($0) })
            + files.filter { !heldKeys.contains($0.publicKey ?? []) }.map { .file($0) }
    }
}

extension PrivateKeyFile.Problem {
    var words: String {
        switch self {
        case .missing: "no such file"
        case .unreadable(let reason): "cannot read it (\(reason))"
        case .notAKey: "not a private key"
        }
    }
}

extension Agent.Problem {
    var words: String {
        switch self {
        case .unreachable(let reason): "cannot reach it (\(reason))"
        case .refused: "it did not answer as an agent"
        }
    }
}
