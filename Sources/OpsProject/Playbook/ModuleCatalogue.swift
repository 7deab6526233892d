/// What a loader has to know of the modules that steps can name.
public struct ModuleCatalogue: Sendable {
    public struct Module: Sendable {
        /// nil: any argument is taken, as by `set_fact`.
        public var arguments: Set<String>?
        /// Whether `module: some text` is taken as a command line, with only known `key=value` words taken out.
        public var takesCommandLine: Bool
        /// The argument that a bare text stands for, as `hostname: web1`; nil if it takes none.
        public var textArgument: String?

        public init(arguments: Set<String>?, takesCommandLine: Bool = false, textArgument: String? = nil) {
            self.arguments = arguments
            self.takesCommandLine = takesCommandLine
            self.textArgument = textArgument
        }
    }

    private var modules: [String: Module]

    public init(_ modules: [String: Module]) {
        self.modules = modules.merging(Self.flow) { given, _ in given }
    }

    public subscript(name: String) -> Module? { modules[name] }

    public var names: [String] { modules.keys.sorted() }

    /// `ansible.builtin.copy` and `ansible.legacy.copy` are `copy`.
    public static func shortName(_ name: String) -> String {
        for prefix in ["ansible.builtin.", "ansible.legacy."] where name.hasPrefix(prefix) {
            return String(name.dropFirst(prefix.count))
        }
        return name
    }

    /// Steps that steer the run; loader and engine carry them out.
    private static let flow: [String: Module] = [
        "include_tasks": Module(arguments: ["file", "apply"], textArgument: "file"),
        "import_tasks": Module(arguments: ["file"], textArgument: "file"),
        "include_role": Module(arguments: roleArguments.union(["apply", "public", "rolespec_validate"])),
        "import_role": Module(arguments: roleArguments.union(["public", "rolespec_validate"])),
        "include_vars": Module(
            arguments: [
                "file", "dir", "name", "depth", "files_matching", "ignore_files", "extensions",
                "ignore_unknown_extensions", "hash_behaviour",
            ], textArgument: "file"),
        "meta": Module(arguments: ["action"], textArgument: "action"),
    ]

    private static let roleArguments: Set<String> = [
        "name", "role", "tasks_from", "vars_from", "defaults_from", "handlers_from", "allow_duplicates",
    ]
}
