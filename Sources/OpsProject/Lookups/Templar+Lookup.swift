import OpsCore
import OpsTemplate

extension Templar {
    /// What a lookup gives for terms that are rendered already: the items of a `with_NAME` loop.
    public func lookup(
        _ name: String, _ terms: [Value], _ scope: StepScope, at location: SourceLocation
    ) throws(Diagnostic) -> [Value] {
        let variable = "opsctl_lookup_terms"
        let option = name == "first_found" ? ", \(Lookups.fromLoop)=true" : ""
        let call = Located(.string("{{ query('\(name)', *\(variable)\(option)) }}"), at: location)
        do {
            return try render(call, scope.adding([variable: .list(terms)])).list ?? []
        } catch {
            var error = error
            error.location = location
            throw error
        }
    }
}
