import Foundation
import OpsCore
import OpsTransport

/// A compose project as declared and as it runs, side by side.
struct ComposeState: Sendable {
    var catalogue: Catalogue
    /// Compose's hash of each service's definition.
    var wanted: [String: String] = [:]
    /// Image name → id of the image that the name means on the host now.
    var imageIDs: [String: String] = [:]
    var survey: StackSurvey
    /// Digest of the configuration that each service last took up.
    var applied: [String: String] = [:]
    /// Digest of the configuration that is, or in check mode would be, on the host.
    var configured: [String: String] = [:]

    private static let separator = "opsctl-section"

    /// Asks in one script; the slow parts (two docker commands) run side by side.
    static func script(directory: String, file: String, planned: DeclaredTree?) -> String {
        let path = ShellQuoting.quote("\(directory)/\(file)")
        let project = ShellQuoting.quote(directory)
        let content = planned?[file].map { String(decoding: $0.content, as: UTF8.self) }
        // The mark is made from the content, so it can't stand in it and is the same when asked again.
        let end = "OPSCTL_" + FileWrite.sha256((content ?? "").utf8).prefix(32)
        let hashes = content == nil
            ? "docker compose -f \(path) --project-directory \(project) config --hash '*'"
            : "docker compose -f - --project-directory \(project) config --hash '*'"
        // The here document's text starts on the line after the command that is put in the background.
        let redirect = content == nil ? "< /dev/null" : "<<'\(end)'"
        let text = content.map { "\($0)\($0.hasSuffix("\n") ? "" : "\n")\(end)\n" } ?? ""
        return """
            w=$(mktemp -d) || exit
            trap 'rm -rf "$w"' EXIT
            { \(hashes) > "$w/hashes" 2> "$w/errors"; echo $? > "$w/status"; } \(redirect) &
            \(text){ \(StackSurvey.script(projectDirectory: directory))} > "$w/survey" || exit
            docker image ls --no-trunc --format '{{.Repository}}:{{.Tag}} {{.ID}}' > "$w/images" || exit
            wait
            [ "$(cat "$w/status")" = 0 ] || { cat "$w/errors" >&2; exit "$(cat "$w/status")"; }
            cat "$w/hashes"; echo \(separator); cat "$w/images"; echo \(separator); cat "$w/survey"; echo \(separator)
            for f in \(project)/.opsctl/applied/*; do [ -f "$f" ] && printf '%s %s\\n' "${f##*/}" "$(cat "$f")"; done
            echo \(separator)
            \(content == nil ? "cat \(path)" : "true")

            """
    }

    init(parsing output: String, file: String, planned: DeclaredTree?, composeFile: String) throws {
        let sections = output.components(separatedBy: Self.separator + "\n")
        guard sections.count == 5 else { throw Diagnostic(code: "garbled-answer", "docker's answer about \(file) is incomplete") }
        let content = planned?[composeFile].map { String(decoding: $0.content, as: UTF8.self) } ?? sections[4]
        catalogue = try Catalogue(compose: content, file: file)
        wanted = Self.pairs(sections[0])
        imageIDs = Self.pairs(sections[1])
        survey = StackSurvey(parsing: sections[2])
        applied = Self.pairs(sections[3])
        guard let planned else {
            // Without a tree to compare, what the services took up is what is there.
            configured = applied
            return
        }
        for service in catalogue.services where !service.config.isEmpty {
            configured[service.name] = planned.digest(of: service.config)
        }
    }

    private static func pairs(_ text: String) -> [String: String] {
        var result: [String: String] = [:]
        for line in text.split(separator: "\n") {
            let words = line.split(separator: " ")
            if words.count == 2 { result[String(words[0])] = String(words[1]) }
        }
        return result
    }

    func selected(_ names: [String]) -> [Catalogue.Service] {
        catalogue.services.filter { wanted[$0.name] != nil && (names.isEmpty || names.contains($0.name)) }
    }

    func changes(services: [String], removeOrphans: Bool) -> [Change] {
        var changes = selected(services).compactMap(change)
        if removeOrphans, services.isEmpty {
            let orphans = Set(survey.containers.map(\.service)).subtracting(wanted.keys)
            changes += orphans.sorted().map { Change(.delete, "service \($0)", summary: "no longer in the compose file") }
        }
        return changes
    }

    private func change(_ service: Catalogue.Service) -> Change? {
        let resource = "service \(service.name)"
        guard let container = survey[service.name] else { return Change(.create, resource, summary: service.image) }
        if container.configHash != wanted[service.name] { return Change(.update, resource, summary: "definition changed: recreate") }
        if let id = imageIDs[Self.tagged(service.image)], id != container.imageID {
            return Change(.update, resource, summary: "image changed: recreate")
        }
        if !["running", "restarting"].contains(container.status),
            !(container.status == "exited" && container.exitCode == 0 && service.health == nil)
        {
            return Change(.start, resource, summary: container.description)
        }
        guard let configured = configured[service.name], configured != applied[service.name] else { return nil }
        switch service.reload {
        case .recreate: return Change(.restart, resource, summary: "configuration changed: recreate")
        case nil: return nil
        default: return Change(.reload, resource, summary: "configuration changed")
        }
    }

    /// docker lists `name` without a tag as `name:latest`.
    private static func tagged(_ image: String) -> String {
        let last = image.split(separator: "/").last ?? ""
        return last.contains(":") || last.contains("@") ? image : image + ":latest"
    }
}
