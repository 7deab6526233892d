import OpsCore
import Testing

@testable import OpsProject

@Suite struct ProjectTests {
    private func project(_ files: [String: String]) throws -> (
        fixture: ProjectFixture, project: Project, found: [Diagnostic]
    ) {
        let fixture = try ProjectFixture(files)
        var diagnostics = DiagnosticCollector()
        let project = Project(root: fixture.root, into: &diagnostics)
        return (fixture, project, diagnostics.diagnostics)
    }

    @Test func selectsTheEnvironment() throws {
        let (fixture, project, _) = try project([
            "inventory/production.yml": "", "inventory/lab.ini": "", "inventory/staging/hosts": "",
            "inventory/plain": "",
            "inventory/group_vars/all.yml": "", "opsctl.yml": "environments: {lab: {forks: 3}}\n",
        ])
        defer { withExtendedLifetime(fixture) {} }
        #expect(project.environmentNames == ["lab", "plain", "production", "staging"])
        #expect(try project.environment("production").sources == ["inventory/production.yml"])
        #expect(try project.environment("lab").settings.forks == 3)
        #expect(try project.environment("staging").sources == ["inventory/staging"])
        #expect(try project.environment(nil, fallback: "plain").name == "plain")
        #expect(try project.environment("x", sources: ["other/hosts.yml"]).sources == ["other/hosts.yml"])
        #expect(try project.environment(nil, sources: ["other/prod.yml"]).name == "prod")
        let missing = #expect(throws: Diagnostic.self) { try project.environment("prodution") }
        #expect(missing?.hints.first == "did you mean 'production'?")
        let ambiguous = #expect(throws: Diagnostic.self) { try project.environment(nil) }
        #expect(ambiguous?.message == "name an environment: lab, plain, production, staging")
    }

    @Test func takesTheOnlyOrTheDefaultEnvironment() throws {
        let one = try project(["inventory/one.yml": ""])
        defer { withExtendedLifetime(one.fixture) {} }
        #expect(try one.project.environment(nil).name == "one")
        let (fixture, two, _) = try project([
            "inventory/a.yml": "", "inventory/b.yml": "", "opsctl.yml": "default_environment: b\n",
        ])
        defer { withExtendedLifetime(fixture) {} }
        #expect(try two.environment(nil).name == "b")
        #expect(throws: Diagnostic.self) { try project([:]).project.environment(nil) }
    }

    @Test func reportsUnknownSettings() throws {
        let (_, _, found) = try project([
            "opsctl.yml":
                "default_enviroment: x\nenvironments: {lab: {fork: 3, confirm: maybe}}\nssh: {host_keys: lax, port: 99999}\n"
        ])
        #expect(
            found.map(\.code).sorted() == ["out-of-range", "unknown-key", "unknown-key", "unknown-value", "wrong-type"])
    }

    @Test func findsTheRoot() throws {
        let (fixture, _, _) = try project(["opsctl.yml": "", "playbooks/deep/x.yml": ""])
        #expect(Project.findRoot(from: fixture.root + "/playbooks/deep") == fixture.files.root)
    }

    @Test func secretsBecomeVariables() throws {
        let (fixture, project, _) = try project([
            "secrets/lab/smtp.yml": "x", "secrets/lab/notes.txt": "x", "secrets/lab/bad.yml": "x",
        ])
        var run = RunVariables()
        var diagnostics = DiagnosticCollector()
        run.addSecrets(in: project.secretsDirectory(of: "lab"), files: fixture.files, into: &diagnostics) { path, name in
            #expect(path.hasPrefix("/") && name.hasPrefix("secrets/lab/"))
            if path.hasSuffix("bad.yml") { throw Diagnostic(code: "sops", "no key fits") }
            return ["password": .secret(Secret("hunter2"))]
        }
        #expect(run.secrets["smtp"]?.value["password"] == .secret(Secret("hunter2")))
        #expect(diagnostics.diagnostics.map(\.code) == ["sops"])
    }
}
