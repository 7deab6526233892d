import OpsCore
import OpsMonitoring

extension ArgumentReader {
    /// An http or https address; nil if not written. It may be a secret, as that of a webhook is: requests are made
    /// from here, so no program's arguments show it.
    func url(_ name: String) throws(Diagnostic) -> HTTPURL? {
        guard let text = try sensitive(name)?.reveal({ $0 }) else { return nil }
        do {
            return try HTTPURL(text)
        } catch {
            throw complaint(name, code: error.diagnostic.code, error.diagnostic.message, hints: error.diagnostic.hints)
        }
    }

    /// An address that must be written.
    func requiredURL(_ name: String) throws(Diagnostic) -> HTTPURL {
        if let url = try url(name) { return url }
        throw complaint(name, code: "missing-argument", "'\(name)' of module '\(module)' is empty")
    }
}
