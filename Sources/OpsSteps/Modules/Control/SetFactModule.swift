import OpsCore

/// `set_fact`: new variables of the host, from here on.
///
/// It takes any names, so the engine gives it all its arguments unchecked.
public struct SetFactModule: StepModule {
    public static let name = "set_fact"
    public static let isReadOnly = true
    public static let needsHost = false
    public static let parameters = [Parameter("cacheable", "keep it below ansible_facts too; facts live as long as the run")]

    private let facts: ValueMap

    public init(_ arguments: ArgumentReader, _ environment: StepEnvironment) throws { facts = [:] }

    public init(facts: ValueMap) { self.facts = facts }

    public func perform(_ work: StepWork) async throws -> StepResult {
        StepResult(values: ["ansible_facts": .map(facts)], facts: facts)
    }
}
