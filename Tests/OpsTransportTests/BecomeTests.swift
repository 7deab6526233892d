import Foundation
import OpsCore
import Testing

@testable import OpsProcess
@testable import OpsTransport

@Suite struct BecomeTests {
    /// Runs `body` with a fake sudo, a script, that is found before any real one.
    @discardableResult
    private func withSudo<T: Sendable>(_ script: String?, _ body: (HostSession) async throws -> T) async throws -> T {
        let directory = NSTemporaryDirectory() + "opsctl-sudo-\(UUID())"
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        if let script {
            let path = directory + "/sudo"
            // A program that starts just now would hold the file open, and the kernel refuse to run it
            // (ETXTBSY): the shell would go on to the real sudo.
            try Spawn.lock.withLock { _ in
                try "#!/bin/sh\n\(script)\n".write(toFile: path, atomically: true, encoding: .utf8)
            }
            try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
        }
        let session = HostSession(transport: LocalTransportWithShell(path: directory))
        do {
            let value = try await body(session)
            await session.close()
            return value
        } catch {
            await session.close()
            throw error
        }
    }

    /// Asks like sudo does, in a language that is not English, after saying its lecture.
    private static let asking = #"""
        while [ "$1" != -- ]; do
            case $1 in -p) prompt=$2; shift ;; -n) echo "sudo: a password is required" >&2; exit 1 ;; -u) user=$2; shift ;; esac
            shift
        done
        shift
        echo "Wir gehen davon aus, dass der Systemverwalter alles erklärt hat." >&2
        for attempt in 1 2 3; do
            printf '%s' "$prompt" >&2
            IFS= read -r word
            if [ "$word" = "geh'eim & co" ]; then fake_user=$user; export fake_user; exec "$@"; fi
            echo "Das hat nicht funktioniert." >&2
        done
        echo "sudo: 3 Fehlversuche" >&2
        exit 1
        """#

    private func become(_ password: String? = nil) -> BecomeSettings {
        BecomeSettings(user: "someone", password: password.map { Secret($0) })
    }

    @Test func aPasswordIsGivenWhenItIsAskedFor() async throws {
        try await withSudo(Self.asking) { session in
            let result = try await session.run("echo $fake_user; cat /proc/$$/cmdline", become: become("geh'eim & co"))
            #expect(result.stdout.text.hasPrefix("someone\n"))
            #expect(!result.stdout.text.contains("geh"))
            #expect(
                try await session.run("cat", input: [1, 0, 2], become: become("geh'eim & co")).stdout.bytes == [
                    1, 0, 2,
                ])
        }
    }

    @Test func aWrongPasswordIsTriedOnce() async throws {
        try await withSudo(Self.asking) { session in
            await #expect(throws: BecomeError.passwordWrong(peer: "local", user: "someone")) {
                _ = try await session.run("true", become: become("falsch"))
            }
        }
    }

    @Test func withoutAPasswordTheErrorSaysWhatToGive() async throws {
        try await withSudo(Self.asking) { session in
            let error = await #expect(throws: BecomeError.self) { _ = try await session.run("true", become: become()) }
            #expect(error == .passwordRequired(peer: "local", user: "someone"))
            let hints = error?.diagnostic.hints.joined() ?? ""
            #expect(hints.contains("ansible_become_password"))
            #expect(hints.contains("--ask-become-pass"))
        }
    }

    @Test func noPasswordIsSentThatNobodyAsksFor() async throws {
        try await withSudo(#"while [ "$1" != -- ]; do shift; done; shift; exec "$@""#) { session in
            let input = try await session.run("cat", become: become("geheim"))
            #expect(input.stdout.bytes == [])
            let output = try await session.run("echo a", become: become())
            #expect(output.stdout.text == "a\n")
        }
    }

    @Test(arguments: [
        ("sudo: sorry, you must have a tty to run sudo", BecomeError.terminalRequired(peer: "local", user: "someone")),
        ("sudo: unknown user someone", .unknownUser(peer: "local", user: "someone")),
        (
            "joe is not in the sudoers file.",
            .notAllowed(peer: "local", user: "someone", said: "joe is not in the sudoers file.")
        ),
        ("sudo: interactive authentication is required", .passwordRequired(peer: "local", user: "someone")),
        (
            "sudo: the moon is wrong\u{1B}[31m",
            .refused(peer: "local", user: "someone", said: "sudo: the moon is wrong[31m")
        ),
    ])
    func refusalsAreToldApart(_ said: String, _ expected: BecomeError) async throws {
        try await withSudo("printf '%s\\n' '\(said)' >&2; exit 1") { session in
            for password in [nil, "geheim"] {
                await #expect(throws: expected) { _ = try await session.run("true", become: become(password)) }
            }
        }
    }

    @Test func aMissingSudoIsSaid() async throws {
        // `command -v` finds the directory's sudo first; one that cannot run is like none.
        let transport = LocalTransportWithShell(login: ["/usr/bin/env", "PATH=/nonexistent", "/bin/sh"])
        let session = HostSession(transport: transport)
        await #expect(throws: BecomeError.sudoMissing(peer: "local", user: "someone")) {
            _ = try await session.run("true", become: become())
        }
        await session.close()
    }

    @Test func theSameUserNeedsNoSudo() async throws {
        let me = NSUserName()
        try await withSudo("echo broken >&2; exit 1") { session in
            let same = BecomeSettings(user: me, password: Secret("geheim"))
            let result = try await session.run("id -un", become: same)
            #expect(result.stdout.text == "\(me)\n")
        }
    }

    @Test(arguments: ["", "-u", "a b", "x;reboot", "a'b"]) func strangeUserNamesAreRefused(_ user: String) async throws
    {
        try await withSudo(Self.asking) { session in
            await #expect(throws: BecomeError.invalidSettings("'\(user)' is not a user name")) {
                _ = try await session.run("true", become: BecomeSettings(user: user))
            }
        }
    }

    /// What starts the shells has to mean the same to every login shell.
    @Test(arguments: ["/bin/bash", "/bin/dash", "/usr/bin/fish", "/usr/bin/tcsh"])
    func everyLoginShellPassesTheShellOn(_ login: String) async throws {
        let session = HostSession(transport: LocalTransportWithShell(login: [login]))
        let me = BecomeSettings(user: NSUserName())
        for become in [nil, me] {
            #expect(try await session.run("echo 'a!b' \\\\", become: become).stdout.text == "a!b \\\n")
            let fed = try await session.upload(
                ByteChunks([Array("x!y\n".utf8)]), to: "echo 'a!b' \\\\\ncat", become: become)
            #expect(fed.stdout.text == "a!b \\\nx!y\n")
        }
        await session.close()
    }

    @Test func aLoginThatGivesNoShellIsSaidInItsWords() async throws {
        let session = HostSession(
            transport: LocalTransportWithShell(shell: "/bin/sh -c \"echo This account is locked >&2; exit 1\""))
        let error = await #expect(throws: TransportError.self) { _ = try await session.run("true") }
        #expect(error?.diagnostic.message == "local refused a shell: This account is locked (exit status 1)")
        await session.close()
    }

    @Test func whatTheLoginShellSaysIsNoOutput() async throws {
        let session = HostSession(
            transport: LocalTransportWithShell(shell: "/bin/sh -c \"echo Welcome; exec /bin/dash\""))
        #expect(try await session.run("echo a").stdout.text == "a\n")
        await session.close()
    }
}
