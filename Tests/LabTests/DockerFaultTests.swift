import Foundation
import Testing

/// A host whose docker is missing or too old. It is a host of its own, made anew: the others need theirs.
@Suite(.serialized) struct DockerFaultTests {
    private static let host = "spare2"

    /// What a step that needs docker says after `change` was made to the host.
    private func words(after change: String) async throws -> String {
        var words = ""
        try await LabProject.with(inventory: LabProject.inventory([(Self.host, "ansible_host: 10.77.0.14")])) { project in
            project.steps("- name: Containers\n  become: true\n  compose: {project_dir: /opt/app}")
            project.cleanUp { try await lab("down") }
            try await lab("up")
            try await Lab.shell(Self.host, change)
            let result = try await project.run("test")
            #expect(result.status == 2, "\(result)")
            words = result.all
        }
        return words
    }

    private func lab(_ command: String) async throws {
        try await Lab.tool("\(Lab.checkout)/lab/\(command)", [Self.host], timeout: .seconds(120))
    }

    @Test func missingDockerIsNamed() async throws {
        let words = try await words(after: "rm /usr/bin/docker")
        #expect(words.contains("docker is not installed on spare2"), "\(words)")
        #expect(words.contains("docs.docker.com/engine/install"), "\(words)")
    }

    /// Compose v1 was a program of its own: to `docker compose`, its hosts have none.
    @Test func missingComposeIsNamed() async throws {
        let words = try await words(after: "rm /usr/libexec/docker/cli-plugins/docker-compose")
        #expect(words.contains("spare2 has no docker compose v2"), "\(words)")
        #expect(words.contains("docker-compose-plugin"), "\(words)")
    }
}
