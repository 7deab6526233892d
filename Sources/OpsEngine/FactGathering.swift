import Foundation
import OpsCore
import OpsProject
import OpsSteps

/// Facts cost a round trip, so they're gathered only if a play says so or mentions one.
enum FactGathering {
    /// The play with a `setup` step in front, if it needs one.
    static func added(to play: Play, files: ProjectFiles) -> Play {
        guard play.gatherFacts ?? mentionsFacts(play, files) else { return play }
        var play = play
        let step = Step(
            id: 0, location: play.location, name: Located("gather facts", at: play.location), module: SetupModule.name,
            moduleLocation: play.location, arguments: Arguments(), keywords: keywords(play), directory: play.directory)
        play.preSteps.insert(.step(step), at: 0)
        return play
    }

    /// Facts are gathered whatever tags are asked for: later steps count on them.
    private static func keywords(_ play: Play) -> Keywords {
        var keywords = play.keywords
        keywords.tags = ["always"]
        return keywords
    }

    private static func mentionsFacts(_ play: Play, _ files: ProjectFiles) -> Bool {
        let steps = play.nodes.flatMap(\.steps) + play.handlers
        let variables = (play.vars + play.roles.flatMap { $0.vars + $0.defaults + $0.parameters }).map(\.value.value)
        return variables.contains(where: mentions) || steps.contains { mentions($0, files) }
    }

    private static func mentions(_ step: Step, _ files: ProjectFiles) -> Bool {
        let keywords = step.keywords
        var values = step.arguments.entries.map(\.value.value)
        values += [
            step.arguments.freeText?.value, step.name?.value, keywords.loop?.items.value, keywords.delegateTo?.value,
        ].compactMap { $0 }
        values += (keywords.when + keywords.until + (keywords.changedWhen ?? []) + (keywords.failedWhen ?? [])).map(\.value)
        values += keywords.vars.map(\.value.value) + keywords.environment.map(\.value)
        return values.contains(where: mentions) || templateMentions(step, files)
    }

    /// The templates that a step renders.
    private static func templateMentions(_ step: Step, _ files: ProjectFiles) -> Bool {
        guard ["template", "push"].contains(step.module), let source = step.arguments["src"]?.value.string,
            !source.contains("{{")
        else { return false }
        let search = FileSearch(step.module == "push" ? .files : .templates, step: step, playDirectory: nil, files: files)
        guard let path = search.find(source) else { return false }
        let below = FileManager.default.enumerator(atPath: path)?.compactMap { $0 as? String } ?? []
        return ([path] + below.filter { $0.hasSuffix(".j2") }.map { path + "/" + $0 }).contains { file in
            guard let data = FileManager.default.contents(atPath: file), data.count < 1 << 20 else { return false }
            return mentions(.string(String(decoding: data, as: UTF8.self)))
        }
    }

    private static func mentions(_ value: Value) -> Bool {
        switch value {
        case .string(let text): text.contains("ansible_") && SetupModule.factNames.contains(where: text.contains)
        case .list(let items): items.contains(where: mentions)
        case .map(let map): map.contains { mentions($0.key) || mentions($0.value) }
        default: false
        }
    }
}
