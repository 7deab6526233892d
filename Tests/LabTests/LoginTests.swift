import Foundation
import Testing

/// Reaching hosts, or not: addresses, host keys, logins, sudo.
@Suite(.serialized) struct LoginTests {
    @Test func anUnreachableHostIsReportedInTimeAndTheOthersFinish() async throws {
        let hosts = LabProject.inventory([
            ("gone", "ansible_host: \(Lab.nobody), ansible_ssh_timeout: 3"), ("app1", "ansible_host: \(Lab.app1)"),
        ])
        try await LabProject.with(inventory: hosts) { project in
            project.steps("- {name: Who, command: hostname}")
            let result = try await project.run("test")
            #expect(result.status == 4, "\(result)")
            #expect(result.seconds < 20)
            #expect(result.all.contains("did not answer within 3.0 s") || result.all.contains("no route to host"), "\(result)")
            #expect(result.stdout.contains(/app1 +ok=1 +changed=1 +unreachable=0/), "\(result)")
            #expect(result.stdout.contains(/gone +ok=0 +changed=0 +unreachable=1/), "\(result)")
            #expect(result.stdout.contains("could not reach gone"))
        }
    }

    @Test func aChangedHostKeyStopsEverything() async throws {
        try await LabProject.with(inventory: "") { project in
            let knownHosts = project.directory + "/known_hosts"
            let wrong = try String(contentsOfFile: Lab.key("id_unauthorized.pub"), encoding: .utf8).split(separator: " ")[1]
            project.write("known_hosts", "# keys\n\(Lab.app1) ssh-ed25519 \(wrong)\n")
            project.write("inventory/test.yml", LabProject.app1(knownHosts: knownHosts))
            let result = try await project.opsctl("exec", "test", "--", "touch", "/tmp/\(project.remote.dropFirst(5))")
            #expect(result.status == 4, "\(result)")
            #expect(result.stderr.contains("known_hosts:2:1: error: the host key of \(Lab.app1) has changed"), "\(result)")
            #expect(result.stderr.matches(of: /SHA256:[A-Za-z0-9+\/]{43}/).count >= 2, "\(result)")
            #expect(result.stderr.contains("nothing was sent"))
            #expect(result.stderr.contains("ssh-keygen -R"))
        }
    }

    @Test func anUnknownHostKeyIsRefusedUntilItIsAccepted() async throws {
        try await LabProject.with(inventory: "") { project in
            let knownHosts = project.directory + "/known_hosts"
            project.write("known_hosts", "")
            project.write("inventory/test.yml", LabProject.app1(knownHosts: knownHosts))
            let refused = try await project.opsctl("exec", "test", "--", "true")
            #expect(refused.status == 4, "\(refused)")
            #expect(refused.stderr.contains("the host key of \(Lab.app1) is not known"), "\(refused)")
            #expect(refused.stderr.contains("--host-key-checking accept-new"))
            #expect(try String(contentsOfFile: knownHosts, encoding: .utf8).isEmpty)

            let accepted = try await project.opsctl("exec", "test", "--host-key-checking", "accept-new", "--", "true")
            #expect(accepted.status == 0, "\(accepted)")
            #expect(try String(contentsOfFile: knownHosts, encoding: .utf8).hasPrefix("\(Lab.app1) "))
            #expect(try await project.opsctl("exec", "test", "--", "true").status == 0)
        }
    }

    @Test func aRefusedLoginSaysWhatWasTried() async throws {
        try await LabProject.with(inventory: LabProject.app1(key: Lab.key("id_unauthorized"))) { project in
            let result = try await project.opsctl("exec", "test", "--", "true")
            #expect(result.status == 4, "\(result)")
            #expect(result.stderr.contains("refused the login of 'deploy'"), "\(result)")
            #expect(result.stderr.contains("key file \(Lab.key("id_unauthorized")) (ssh-ed25519)"), "\(result)")
            #expect(result.stderr.contains("the host accepts: publickey"), "\(result)")
            // There is no terminal, so nobody was asked for a password.
            #expect(!result.stderr.contains("keyboard-interactive ("), "\(result)")
        }
    }

    @Test(arguments: ["deploy", "ops", "fishy", "ashy", "bashy"]) func everyLoginShellServes(user: String) async throws {
        try await LabProject.with(inventory: LabProject.app1(user: user)) { project in
            let result = try await project.opsctl("exec", "test", "--", "sh", "-c", "id -un; echo \"it's $((1 + 1))\"")
            #expect(result.status == 0, "\(result)")
            #expect(result.stdout == "\(user)\nit's 2\n")
        }
    }

    @Test func otherServersServe() async throws {
        try await LabProject.with(inventory: LabProject.app1("ansible_port: 2222")) { project in
            let result = try await project.opsctl("exec", "test", "--", "id", "-un")
            #expect(result.status == 0 && result.stdout == "deploy\n", "\(result)")
        }
    }

    /// tinysshd encrypts with ChaCha20 only, which libssh2 speaks from 1.11 on: served, or refused in words.
    @Test func tinysshdServesOrIsRefusedClearly() async throws {
        try await LabProject.with(inventory: LabProject.app1("ansible_port: 2223")) { project in
            let result = try await project.opsctl("exec", "test", "--", "id", "-un")
            if result.status == 0 {
                #expect(result.stdout == "deploy\n")
            } else {
                #expect(result.status == 4, "\(result)")
                #expect(result.stderr.contains("\(Lab.app1):2223"), "\(result)")
            }
        }
    }

    @Test func sudoWithAPasswordNeedsIt() async throws {
        try await LabProject.with(inventory: LabProject.app1(user: "ops")) { project in
            project.steps("- {name: Who, command: id -un, become: true}")
            let without = try await project.run("test")
            #expect(without.status == 2, "\(without)")
            #expect(without.all.contains("sudo needs a password"), "\(without)")
            #expect(without.all.contains("ansible_become_password"), "\(without)")

            let wrong = try await project.run("test", "-e", "ansible_become_password=wrong-password")
            #expect(wrong.status == 2, "\(wrong)")
            #expect(wrong.all.contains("password"), "\(wrong)")
            #expect(!wrong.all.contains("wrong-password"), "\(wrong)")

            let right = try await project.run("test", "-v", "-e", "ansible_become_password=ops-password")
            #expect(right.status == 0, "\(right)")
            #expect(right.all.contains("root"), "\(right)")
            #expect(!right.all.contains("ops-password"))
        }
    }

    @Test func execTakesTheSudoPasswordFromTheInventory() async throws {
        let inventory = LabProject.app1(user: "ops", vars: "ansible_become_password: ops-password")
        try await LabProject.with(inventory: inventory) { project in
            let result = try await project.opsctl("exec", "test", "--become", "--", "id", "-un")
            #expect(result.status == 0 && result.stdout == "root\n", "\(result)")
        }
    }
}
