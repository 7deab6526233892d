import Foundation
import OpsCore
import OpsTransport

/// `wait_for`: until a port answers, or is free, or a file is there, or is gone, or holds a text.
struct WaitForModule: StepModule {
    static let name = "wait_for"
    static let isReadOnly = true
    static let parameters = [
        Parameter("host", "address as the host sees it (default 127.0.0.1)"),
        Parameter("port", "TCP port"),
        Parameter("path", "file on the host"),
        Parameter("search_regex", "extended regular expression that the file must match"),
        Parameter("state", "what to wait for", choices: ["started", "present", "stopped", "absent", "drained"]),
        Parameter("timeout", "give up after (default 300 s)"),
        Parameter("delay", "wait this long first"),
        Parameter("sleep", "time between looks (default 1 s)"),
        Parameter("connect_timeout", "accepted for Ansible's sake"),
        Parameter("msg", "what to say on failure"),
    ]

    private enum Subject {
        case port(Endpoint)
        case path(String, pattern: String?)
        case nothing
    }

    private let subject: Subject
    private let wantsPresence: Bool
    private let timeout: Duration
    private let delay: Duration
    private let pause: Duration
    private let message: String?

    init(_ arguments: ArgumentReader, _ environment: StepEnvironment) throws {
        if let port = try arguments.int("port") {
            guard (1...65535).contains(port) else {
                throw arguments.complaint("port", code: "bad-port", "\(port) is no port")
            }
            subject = .port(.tcp(host: try arguments.string("host", default: "127.0.0.1"), port: port))
        } else if arguments.value("path") != nil {
            subject = .path(try arguments.absolutePath("path"), pattern: try arguments.string("search_regex"))
        } else {
            subject = .nothing
        }
        wantsPresence = try ["started", "present"].contains(arguments.string("state", default: "started"))
        timeout = try arguments.duration("timeout", default: .seconds(300))
        delay = try arguments.duration("delay", default: .zero)
        pause = max(try arguments.duration("sleep", default: .seconds(1)), .milliseconds(100))
        message = try arguments.string("msg")
    }

    func perform(_ work: StepWork) async throws -> StepResult {
        let start = ContinuousClock.now
        if delay > .zero { try await Task.sleep(for: delay) }
        if case .nothing = subject {
            // Ansible's way to pause: with nothing to look at the time just passes.
            try await Task.sleep(for: timeout)
            return StepResult(values: ["elapsed": .int(Int((ContinuousClock.now - start).seconds))])
        }
        while true {
            if try await isPresent(work) == wantsPresence {
                return StepResult(values: ["elapsed": .int(Int((ContinuousClock.now - start).seconds))])
            }
            guard ContinuousClock.now - start < timeout else {
                return .failed(Diagnostic(code: "timed-out", message ?? "waited \(timeout.brief) for \(description), in vain"))
            }
            await work.progress("waiting for \(description)")
            try await Task.sleep(for: pause)
        }
    }

    private var description: String {
        switch subject {
        case .port(let endpoint): "\(endpoint) to \(wantsPresence ? "answer" : "close")"
        case .path(let path, let pattern?): "\(path) to \(wantsPresence ? "match" : "lose") /\(pattern)/"
        case .path(let path, nil): "\(path) to \(wantsPresence ? "appear" : "vanish")"
        case .nothing: "the time to pass"
        }
    }

    private func isPresent(_ work: StepWork) async throws -> Bool {
        switch subject {
        case .port(let endpoint):
            return try await answers(endpoint, work)
        case .path(let path, let pattern):
            let test = pattern.map { "grep -qE -- \(ShellQuoting.quote($0)) \(ShellQuoting.quote(path))" }
                ?? "[ -e \(ShellQuoting.quote(path)) ]"
            return try await work.run(test).succeeded
        case .nothing:
            return wantsPresence
        }
    }

    private func answers(_ endpoint: Endpoint, _ work: StepWork) async throws -> Bool {
        let socket: SocketDescriptor
        do {
            socket = try await work.session.connect(to: endpoint)
        } catch {
            if case .channelRefused = error { return false }
            throw error
        }
        HangUp.close(socket)
        return true
    }
}

/// Closes a socket that was only opened to see whether somebody answers.
private enum HangUp {
    static func close(_ socket: SocketDescriptor) { _ = Foundation.close(socket.rawValue) }
}
