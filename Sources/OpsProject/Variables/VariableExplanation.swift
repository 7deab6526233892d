import OpsCore

/// Where a variable's value comes from: every candidate and the one that is taken.
public struct VariableExplanation: Sendable {
    public struct Candidate: Sendable {
        public var level: VariableLevel
        /// For candidates of the run itself, the host's name stands for the file.
        public var location: SourceLocation
        /// As written; secrets are `.secret`.
        public var value: Value
        public var isWinner: Bool
        /// Where it holds, if not in the whole play: in one step, or once a step has run.
        public var scope: String?

        public init(level: VariableLevel, location: SourceLocation, value: Value, isWinner: Bool = false, scope: String? = nil) {
            self.level = level
            self.location = location
            self.value = value
            self.isWinner = isWinner
            self.scope = scope
        }
    }

    public var name: String
    /// Lowest precedence first; the winner is the last.
    public var candidates: [Candidate]
    /// For a name that nobody sets: the nearest that somebody does.
    public var hints: [String]
}

extension HostVariables {
    /// Lists everything that sets a variable for this host, and step if one is given.
    ///
    /// - Parameter files: to name the files of magic variables in full.
    public func explain(_ name: String, step: Step? = nil, files: ProjectFiles = ProjectFiles(root: "/")) -> VariableExplanation {
        let layers = layers(for: step)
        var candidates = layers.flatMap { layer in
            let values = layer.overwritten.filter { $0.name == name }.map(\.value) + [layer.variables[name]].compactMap { $0 }
            return values.map {
                VariableExplanation.Candidate(level: layer.level, location: $0.location, value: Self.shown($0))
            }
        }
        let magic = MagicVariables(variables: self, step: step, files: files)
        if let value = magic.value(of: name) {
            candidates.append(.init(level: .magic, location: SourceLocation(file: host), value: value, isWinner: false))
        }
        if let last = candidates.indices.last { candidates[last].isWinner = true }
        let known = layers.flatMap { $0.variables.keys } + magic.known
        let hints = candidates.isEmpty ? NearestName.hints(for: name, in: known) : []
        return VariableExplanation(name: name, candidates: candidates, hints: hints)
    }

    /// All names that have a value here, sorted.
    public func names(for step: Step? = nil) -> [String] {
        Set(layers(for: step).flatMap { $0.variables.keys }).sorted(by: codePointOrder)
    }

    static func shown(_ located: Located) -> Value {
        switch located.value {
        case .string(let text):
            located.place.isSecret || located.place.handling == .vault ? .secret(Secret(text)) : located.value
        case .list: .list(located.items.map(shown))
        case .map(let map):
            .map(ValueMap(zip(map.keys, (located.entries ?? []).map { shown($0.value) }), uniquingKeysWith: { $1 }))
        default: located.value
        }
    }
}
