import Foundation
import Testing

extension SharedStack {
    /// No secret is seen anywhere it doesn't belong: a stack deployed with a sentinel in every position, with success and
    /// with a failure at each step, and then a search through everything that was printed, stored or visible meanwhile.
    @Suite(.serialized) struct SentinelTests {
        @Test(.timeLimit(.minutes(5))) func noSecretIsSeenAnywhere() async throws {
            try await LabProject.with(inventory: "") { project in
                let subject = try await SentinelProject(project)
                let evidence = try Evidence(subject)
                let sampler = ProcessSampler()
                try await run(subject, evidence)
                try await evidence.gatherFromHost()
                #expect(try sampler.stop(writingTo: evidence.directory + "/processes") > 20)
                try await expectPrivateFiles(subject)
                #expect(try await evidence.hits() == [])
                try await expectPlantedLeaksAreFound(subject, evidence)
            }
        }

        // MARK: Runs

        private func run(_ subject: SentinelProject, _ evidence: Evidence) async throws {
            func opsctl(_ arguments: [String]) async throws -> Opsctl.Result {
                let result = try await Opsctl.run(arguments, environment: subject.environment, in: subject.project.directory)
                try evidence.add(arguments.joined(separator: " "), result)
                return result
            }
            let deploy = ["deploy", "test", "--yes"]
            let first = try await opsctl(deploy + ["-v", "--diff"])
            #expect(first.status == 0 && first.all.contains("•••"), "\(first)")
            for options in [["--output", "json", "-v", "--diff"], ["--check", "--diff", "-v"]] {
                let result = try await opsctl(deploy + options)
                #expect(result.status == 0, "\(result)")
            }
            try await atATerminal(deploy + ["-v", "--diff"], subject, evidence)
            for (index, failure) in SentinelProject.failures.enumerated() {
                let options = [["-v", "--diff"], ["--output", "json"], [], ["-vvv", "--diff"]][index % 4]
                let result = try await opsctl(deploy + ["-e", "fail=\(failure)"] + options)
                #expect(result.status == 2, "\(failure): \(result)")
                if let words = Self.refusals[failure] { #expect(result.all.contains(words), "\(failure): \(result)") }
            }
            let verified = try await opsctl(["verify", "test", "-v", "--junit", "junit.xml", "--textfile", "metrics.prom"])
            #expect(verified.status == 2, "\(verified)")
            #expect(try await opsctl(["verify", "test", "--output", "json"]).status == 2)
            for words in [
                ["plan", "test"], ["vars", "app1", "test"], ["inventory", "test", "--list"], ["check", "test"],
                ["secrets", "check", "test"], ["secrets", "textconv", "secrets/test/app.yml"],
                ["render", "playbooks/secret.j2", "test"], ["logs", "web", "test"], ["status", "test"],
                ["exec", "test", "--become", "--", "cat", "\(subject.project.remote)/secrets/web/password"],
                ["exec", "test", "--", "false"],
            ] {
                let result = try await opsctl(words)
                #expect([0, 2, 3].contains(result.status), "\(words): \(result)")
            }
        }

        /// What a process list would show is refused; messages are shown without their secrets.
        private static let refusals = [
            "debug": "broken •••", "loop": "at •••",
            "number": "the command line of module 'command' would show a secret in the host's process list",
            "argument": "the command line of module 'command' would show a secret in the host's process list",
            "environment": "'TOKEN' would show a secret in the environment of the step's programs",
        ]

        /// The same with a terminal: colours, live lines, and whatever else only people see.
        private func atATerminal(_ arguments: [String], _ subject: SentinelProject, _ evidence: Evidence) async throws {
            let words = ([Opsctl.binary] + arguments).map { "'\($0)'" }.joined(separator: " ")
            let variables = subject.environment.map { "\($0.key)='\($0.value)'" }.joined(separator: " ")
            let place = "cd '\(subject.project.directory)' && env -i HOME=\"$PWD\" PATH=\"$PATH\" TERM=xterm LANG=C.UTF-8 \(variables)"
            let screen = try await Lab.tool("script", ["--quiet", "--return", "--command", "\(place) \(words)", "/dev/null"])
            #expect(screen.contains("\u{1B}["), "\(screen)")
            try Data(screen.utf8).write(to: URL(filePath: evidence.directory + "/terminal"))
        }

        // MARK: Files on the host

        /// 0400 for the container's user, in a directory that others can enter by name only.
        private func expectPrivateFiles(_ subject: SentinelProject) async throws {
            let remote = subject.project.remote
            let modes = try await Lab.shell(
                "app1",
                "stat -c '%a %u %n' \(remote)/secrets \(remote)/secrets/web \(remote)/secrets/web/* \(remote)/config/app.conf")
            #expect(modes.replacing(remote, with: "") == """
                711 0 /secrets
                711 65534 /secrets/web
                400 65534 /secrets/web/password
                400 65534 /secrets/web/token
                400 65534 /config/app.conf

                """)
            for command in [
                "ls \(remote)/secrets", "ls \(remote)/secrets/web", "cat \(remote)/secrets/web/password", "ls \(remote)/.opsctl",
            ] {
                let answer = try await Lab.shell("app1", "su fishy -s /bin/sh -c '\(command)' 2>&1 || true")
                #expect(answer.contains("Permission denied"), "\(command): \(answer)")
            }
            let inReleases = try await Lab.shell(
                "app1", "find \(remote)/.opsctl -type f \\( -path '*/secrets/*' -o -name app.conf \\)")
            #expect(inReleases == "", "no release keeps a secret")
            let content = try await Lab.shell("app1", "cat \(remote)/secrets/web/password | rev")
            #expect(
                content.trimmingCharacters(in: .newlines) == String(subject.password.text.reversed()),
                "the container gets the value itself")
        }

        // MARK: The search can fail

        /// Plants one leak after the other, each in another place and form; the same search has to find each.
        private func expectPlantedLeaksAreFound(_ subject: SentinelProject, _ evidence: Evidence) async throws {
            let (token, remote) = (subject.token.text, subject.project.remote)
            let encoded = Data("Basic user:\(token)".utf8).base64EncodedString()
            let plants: [(place: String, plant: String, remove: String)] = [
                ("output", "echo '\(encoded)' > \(evidence.directory)/planted", "rm \(evidence.directory)/planted"),
                ("run record", "mkdir -p .opsctl/runs; echo '{\"a\": \"\(token)\"}' > .opsctl/runs/planted", "rm .opsctl/runs/planted"),
                ("command line", "sh -c ': \(token); sleep 0.5'", "true"), ("environment", "LEAK='\(token)' sleep 0.5", "true"),
            ]
            for (place, plant, remove) in plants {
                let sampler = ProcessSampler()
                _ = try await Lab.tool("sh", ["-c", "cd '\(subject.project.directory)'; \(plant)"])
                _ = try sampler.stop(writingTo: evidence.directory + "/processes")
                #expect(try await !evidence.hits().isEmpty, "a leak planted in \(place) was not found")
                _ = try await Lab.tool("sh", ["-c", "cd '\(subject.project.directory)'; \(remove)"])
                try Data().write(to: URL(filePath: evidence.directory + "/processes"))
            }
            // Backwards, so that only what the host makes of it can be found.
            let backwards = "t=$(echo '\(String(token.reversed()))' | rev)"
            let hostPlants: [(place: String, plant: String, remove: String)] = [
                ("process of the host", "\(backwards); sh -c \": $t; sleep 0.5\"", "true"),
                ("file for all", "\(backwards); echo \"$t\" | base64 > \(remote)/planted; chmod 644 \(remote)/planted", "rm \(remote)/planted"),
                ("label", "\(backwards); docker create --name planted --label \"leak=$t\" lab/prometheus:lab", "docker rm -f planted"),
                ("container's environment", "\(backwards); docker run -d --name planted -e \"LEAK=$t\" --entrypoint sleep lab/prometheus:lab 60", "docker rm -f planted"),
            ]
            for (place, plant, remove) in hostPlants {
                let sampler = ProcessSampler()
                try await Lab.shell("app1", plant)
                _ = try sampler.stop(writingTo: evidence.directory + "/processes")
                try await evidence.gatherFromHost()
                #expect(try await !evidence.hits().isEmpty, "a leak planted in a \(place) was not found")
                try await Lab.shell("app1", remove)
                try Data().write(to: URL(filePath: evidence.directory + "/processes"))
            }
            try await evidence.gatherFromHost()
            #expect(try await evidence.hits() == [], "what was planted is gone")
        }
    }
}

/// Everything that was seen, in one directory, and the search through it and the project.
private struct Evidence {
    let directory: String
    private let subject: SentinelProject
    private let search: SentinelSearch

    init(_ subject: SentinelProject) throws {
        self.subject = subject
        directory = subject.keys + "/evidence"
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        search = try SentinelSearch(subject.all, in: subject.keys)
    }

    func add(_ name: String, _ result: Opsctl.Result) throws {
        try Data(result.all.utf8).write(to: URL(filePath: "\(directory)/\(name.replacing("/", with: "_"))"))
    }

    func hits() async throws -> [String] { try await search.hits(in: [directory, subject.project.directory]) }

    /// What docker tells about everything it has, the environment of every container's processes, and every file
    /// that another user can read and that is new or belongs to the project.
    func gatherFromHost() async throws {
        let places = "\(subject.project.remote) /tmp /var/tmp /run /etc /home /root /srv /var/log /opt"
        let text = try await Lab.shell("app1", """
            docker inspect $(docker ps -aq) 2>/dev/null
            docker inspect $(docker images -q | sort -u) $(docker network ls -q) $(docker volume ls -q) 2>/dev/null
            for id in $(docker ps -q); do
                cat /proc/$(docker inspect -f '{{.State.Pid}}' $id)/environ | tr '\\0' '\\n'
                docker top $id -eo args
            done
            su fishy -s /bin/sh -c "find \(places) -xdev -type f -readable -mmin -15 -print0 2>/dev/null" > /root/readable-\(subject.user)
            xargs -0 -r sh -c 'for f; do echo "== $f"; cat "$f"; done' sh < /root/readable-\(subject.user)
            rm /root/readable-\(subject.user)
            """)
        try Data(text.utf8).write(to: URL(filePath: directory + "/host"))
    }
}
