import Foundation
import Testing

/// `exposure` of a stack on the very machine that opsctl runs on.
struct ExposureTests {
    /// A docker that runs one container, without a network of its own.
    private static let docker = """
        #!/bin/sh
        case $* in
        *compose.project.working_dir*) echo c1 ;;
        inspect*c1) printf '%s\\t' web hash c1 sha256:i image running 0 false 0 '' '""' 0 2026-01-01T00:00:00Z bridge \\
            '{"9/tcp":[{"HostIp":"127.0.0.1","HostPort":"9"}]}'; echo ;;
        esac

        """

    private func project(_ hosts: String) throws -> Scratch {
        let project = try Scratch([
            "inventory/lab.yml": "all:\n  hosts: {\(hosts)}\n  vars: {ansible_connection: local}\n", "bin/docker": Self.docker,
            "stack/compose.yml": "services:\n  web: {image: image, ports: ['127.0.0.1:9:9']}\n",
            "playbooks/verify.yml": """
                - hosts: all
                  tasks:
                    - exposure: {project_dir: "{{ lookup('env', 'SCRATCH') }}/stack", public_address: "{{ inventory_hostname }}"}

                """,
        ])
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: project.path("bin/docker"))
        return project
    }

    /// The ports of loopback are open here, and that is as it should be.
    @Test(arguments: ["localhost: {}", "192.0.2.1: {}"])
    func `nothing is tried from the host itself`(_ host: String) async throws {
        let project = try project(host)
        let path = project.path("bin") + ":" + (project.environment["PATH"] ?? "")
        let result = try await project.opsctl(["verify", "lab"], environment: ["PATH": path])
        let shown = result.output + result.errors
        #expect(shown.contains("this machine is the host"), "\(result)")
        #expect(result.status == 0, "\(result)")
    }
}
