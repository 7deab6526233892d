import OpsCore
import OpsTemplate

/// Finds variables that a play uses whatever happens in it, and that nothing sets: before anything connects.
///
/// Says nothing where it can't be sure: of steps with conditions, of names that depend on values, of facts.
public struct VariableCheck {
    private let inventory: InventoryVariables
    private let run: RunVariables
    private let templar: Templar
    private let files: ProjectFiles
    private let loader: PlaybookLoader
    private let runTime: RunTimeNames

    /// Of more hosts only the first are looked at.
    private static let mostHosts = 200

    /// - Parameter playbook: what a step of one play sets is there in the plays after it.
    public init(
        _ playbook: Playbook, inventory: InventoryVariables, run: RunVariables, templar: Templar, loader: PlaybookLoader
    ) {
        let files = loader.files
        self.loader = loader
        self.inventory = inventory
        self.run = run
        self.templar = templar
        self.files = files
        runTime = RunTimeNames(near: playbook.plays.map(\.directory), files: files)
    }

    /// A name that is missing at one place, for some hosts.
    private struct Missing {
        var name: String
        var location: SourceLocation
        var hosts: [String]
        var known: [String]
        var trail: [Diagnostic.Note]
    }

    /// - Parameter hosts: those that the play runs on.
    public func check(_ play: Play, hosts: [String], into diagnostics: inout DiagnosticCollector) {
        guard !runTime.isOpen, !hosts.isEmpty else { return }
        var ignored = DiagnosticCollector()
        let variables = PlayVariables(play, files: files, into: &ignored)
        let sure = SureReadings(play, loader: loader)
        var found: [Missing] = []
        for host in hosts.prefix(Self.mostHosts) {
            var entered = HostVariables(host: host, inventory: inventory, run: run)
            guard (try? entered.enter(variables, templar: templar, files: files)) != nil else { continue }
            var search = Search(host: entered, runTime: runTime, templar: templar)
            for reading in sure.readings { search.read(reading.value, isCondition: reading.isCondition, step: reading.step) }
            for template in sure.templates { readFile(template.source, template.step, play, &search) }
            for missing in search.missing {
                if let index = found.firstIndex(where: { $0.name == missing.name && $0.location == missing.location }) {
                    // A file that is included twice is read twice.
                    if found[index].hosts.last != host { found[index].hosts.append(host) }
                } else {
                    found.append(missing)
                }
            }
        }
        for missing in found { diagnostics.add(diagnostic(missing, of: min(hosts.count, Self.mostHosts))) }
    }

    private func readFile(_ source: Located, _ step: Step, _ play: Play, _ search: inout Search) {
        guard let path = source.value.string, !path.contains("{{"),
            let found = FileSearch(.templates, step: step, playDirectory: play.directory, files: files).find(path),
            let text = try? files.text(found)
        else { return }
        let names = RequiredNames.find(
            in: text, origin: TemplateOrigin(file: files.display(found)), environment: templar.environment)
        let note = Diagnostic.Note("rendered by this step", at: step.location)
        search.need(names, step: step, trail: [note])
    }

    private func diagnostic(_ missing: Missing, of count: Int) -> Diagnostic {
        let others = missing.hosts.count - 1
        let whom =
            missing.hosts.count == count
            ? "" : " for \(missing.hosts[0])" + (others == 0 ? "" : " and \(others) other host\(others == 1 ? "" : "s")")
        return Diagnostic(
            code: "undefined-variable", "'\(missing.name)' is not defined\(whom)", at: missing.location,
            hints: NearestName.hints(for: missing.name, in: missing.known), trail: missing.trail)
    }

    /// What one host's templates need and don't find.
    private struct Search {
        let host: HostVariables
        let runTime: RunTimeNames
        let templar: Templar
        var missing: [Missing] = []

        mutating func read(_ value: Located, isCondition: Bool, step: Step?) {
            switch value.value {
            case .string(let text):
                need(names(in: text, value.place, isCondition: isCondition), step: step, trail: [])
            // Items and arguments of a step are rendered all.
            case .list: for item in value.items { read(item, isCondition: false, step: step) }
            case .map: for (_, part) in value.entries ?? [] { read(part, isCondition: false, step: step) }
            default: return
            }
        }

        private func names(in text: String, _ place: Place, isCondition: Bool) -> [String: SourceLocation] {
            guard place.handling == .plain else { return [:] }
            let isTemplate = templar.environment.syntax.containsTemplate(text)
            guard isTemplate || isCondition else { return [:] }
            return RequiredNames.find(
                in: text, origin: place.origin, environment: templar.environment, isExpression: !isTemplate)
        }

        mutating func need(_ names: [String: SourceLocation], step: Step?, trail: [Diagnostic.Note]) {
            let layers = host.layers(for: step)
            var open = names.sorted { ($0.value, $0.key) < ($1.value, $1.key) }.map { (name: $0.key, place: $0.value, trail: trail) }
            var seen: Set<String> = []
            while let next = open.popLast() {
                guard seen.insert(next.name).inserted, !isGiven(next.name, step) else { continue }
                guard let layer = layers.last(where: { $0.variables[next.name] != nil }), let located = layer.variables[next.name] else {
                    let known = layers.flatMap { $0.variables.keys } + MagicVariables.names + runTime.names
                    missing.append(Missing(name: next.name, location: next.place, hosts: [host.host], known: known, trail: next.trail))
                    continue
                }
                guard !layer.isFinal, let text = located.value.string else { continue }
                let note = Diagnostic.Note("'\(next.name)' is used here", at: next.place)
                open += self.names(in: text, located.place, isCondition: false).map { ($0.key, $0.value, next.trail + [note]) }
            }
        }

        private func isGiven(_ name: String, _ step: Step?) -> Bool {
            if name.hasPrefix("ansible_") || runTime.names.contains(name) { return true }
            if let variable = step?.keywords.loop?.variable, variable == name { return true }
            return MagicVariables.names.contains(name) || MagicVariables.ofRoles.contains(name)
                || ["hostvars", "vars", "environment"].contains(name)
        }
    }
}
