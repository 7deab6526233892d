import Foundation
import Testing

/// Commands that look at a project.
struct ProjectCommandTests {
    @Test func `a new project has nothing wrong, and init never overwrites`() async throws {
        let scratch = try Scratch()
        let new = try await scratch.opsctl("init")
        #expect(new.status == 0 && new.output.contains("opsctl deploy production"), "\(new)")
        let check = try await scratch.opsctl("check", "production")
        #expect(check.status == 0 && check.output.contains("1 host: nothing wrong"), "\(check)")
        try scratch.write("mine: true\n", to: "opsctl.yml")
        let again = try await scratch.opsctl("init")
        #expect(again.errors.contains("kept     opsctl.yml") && !again.errors.contains("written"), "\(again)")
        #expect(try scratch.read("opsctl.yml") == "mine: true\n")
    }

    @Test func `inventory --list is JSON as Ansible prints it`() async throws {
        let scratch = try Scratch(["hosts.ini": "[web]\nw1 port=8080\nw2\n[db]\nd1\n[site:children]\nweb\ndb\n[web:vars]\ncolor=red\n"])
        let result = try await scratch.opsctl("inventory", "-i", "hosts.ini", "--list")
        let json = try #require(try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any])
        let variables = try #require(((json["_meta"] as? [String: Any])?["hostvars"] as? [String: Any])?["w1"] as? [String: Any])
        #expect(variables["port"] as? Int == 8080 && variables["color"] as? String == "red")
        #expect((json["web"] as? [String: [String]])?["hosts"] == ["w1", "w2"])
        let graph = try await scratch.opsctl("inventory", "-i", "hosts.ini", "--graph")
        #expect(graph.output.contains("|--@site:") && graph.output.contains("|  |  |--w1"), "\(graph)")
    }

    @Test func `vars shows values and where they come from`() async throws {
        let project = try Scratch.project("[]", [
            "inventory/group_vars/all.yml": "port: 1\ncolor: blue\n",
            "inventory/host_vars/one.yml": "color: red\nmotd: \"{{ color }} sky\"\n",
        ])
        let all = try await project.opsctl("vars", "one", "lab")
        let json = try #require(try JSONSerialization.jsonObject(with: Data(all.output.utf8)) as? [String: Any])
        #expect(json["motd"] as? String == "red sky" && json["port"] as? Int == 1)
        let lines = try await project.opsctl("vars", "one", "lab", "--explain", "color", "-e", "color=green").lines
        try #require(lines.count == 3)
        #expect(lines[0].hasPrefix("   inventory group_vars/all") && lines[0].hasSuffix("inventory/group_vars/all.yml:2:8  \"blue\""))
        #expect(lines[1].hasPrefix("   inventory host_vars") && lines[1].contains("inventory/host_vars/one.yml:1:8"))
        #expect(lines[2].hasPrefix("-> extra vars (-e)") && lines[2].hasSuffix("\"green\""))
        let unknown = try await project.opsctl("vars", "one", "lab", "--explain", "colour")
        #expect(unknown.status == 64 && unknown.errors.contains("did you mean 'color'?"), "\(unknown)")
    }

    @Test func `a rendered template includes what stands beside it`() async throws {
        let scratch = try Scratch([
            "conf/main.j2": "{% import 'macros.j2' as m %}{{ m.line('a') }}{% include 'parts/part.j2' %}{% include 'none.j2' ignore missing %}\n",
            "conf/macros.j2": "{% macro line(x) %}<{{ x }}>{% endmacro %}", "conf/templates/parts/part.j2": "part of {{ name }}",
            "conf/wrong.j2": "{% include 'parts/prt.j2' %}", "conf/up.j2": "{% include '../x.j2' %}",
        ])
        let result = try await scratch.opsctl("render", "conf/main.j2", "-e", "name=web")
        #expect(result.output == "<a>part of web\n", "\(result)")
        let wrong = try await scratch.opsctl("render", "conf/wrong.j2")
        #expect(wrong.errors.contains("conf/wrong.j2:1:4: error: there is no template 'parts/prt.j2'"), "\(wrong)")
        #expect(wrong.errors.contains("did you mean 'parts/part.j2'?"), "\(wrong)")
        let upwards = try await scratch.opsctl("render", "conf/up.j2")
        #expect(upwards.errors.contains("names of templates can't lead upwards with '..'"), "\(upwards)")
        let undefined = try await scratch.opsctl("render", "conf/main.j2")
        #expect(undefined.errors.contains("conf/templates/parts/part.j2:1:12: error: 'name' is not defined"), "\(undefined)")
        #expect(undefined.errors.contains("note: included"), "\(undefined)")
    }

    @Test func `render needs no project`() async throws {
        let scratch = try Scratch(["motd.j2": "{% for n in range(2) %}{{ name }}{{ n }}\n{% endfor %}"])
        #expect(try await scratch.opsctl("render", "motd.j2", "-e", "name=web").output == "web0\nweb1\n")
        let undefined = try await scratch.opsctl("render", "motd.j2", "-e", "nam=web")
        #expect(undefined.status == 65 && undefined.errors.contains("motd.j2:1:") && undefined.output.isEmpty, "\(undefined)")
        #expect(undefined.errors.contains("did you mean 'nam'?"), "\(undefined)")
    }
}
