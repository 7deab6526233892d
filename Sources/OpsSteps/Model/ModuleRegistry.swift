import OpsProject

/// Every module there is, by the names that playbooks use. The one list: a module that isn't here doesn't exist.
public struct ModuleRegistry: Sendable {
    private let types: [String: any StepModule.Type]

    public init() {
        var types: [String: any StepModule.Type] = [:]
        for type in Self.all { types[type.name] = type }
        for (alias, name) in Self.aliases { types[alias] = types[name] }
        self.types = types
    }

    private static let all: [any StepModule.Type] = [
        AlertmanagerModule.self, AssertModule.self, CommandModule.self, ComposeModule.self, CopyModule.self,
        DebugModule.self, ExposureModule.self, FailModule.self, FileModule.self, GrafanaModule.self, GroupModule.self,
        HealthModule.self, LokiModule.self, PackageModule.self, PauseModule.self, PingModule.self, PrometheusModule.self,
        PushModule.self, RawModule.self, ScriptModule.self, ServiceModule.self, SetFactModule.self, SetupModule.self,
        ShellModule.self, SmokeModule.self, StatModule.self, TemplateModule.self, URIModule.self, UserModule.self,
        WaitForModule.self,
    ]

    private static let aliases = ["systemd": "service", "systemd_service": "service", "apt": "package", "gather_facts": "setup"]

    public subscript(name: String) -> (any StepModule.Type)? { types[name] }

    public var names: [String] { types.keys.sorted() }

    /// What the playbook loader has to know.
    public var catalogue: ModuleCatalogue {
        ModuleCatalogue(types.mapValues { type in
            let names = type.parameters.flatMap { [$0.name] + $0.aliases }
            let isOpen = type.name == SetFactModule.name
            return ModuleCatalogue.Module(
                arguments: isOpen ? nil : Set(names).subtracting([Parameter.freeText]),
                takesCommandLine: names.contains(Parameter.freeText))
        })
    }
}
