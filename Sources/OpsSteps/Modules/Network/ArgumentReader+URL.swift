import OpsCore
import OpsMonitoring

extension ArgumentReader {
    /// An http or https address; nil if not written.
    func url(_ name: String) throws(Diagnostic) -> HTTPURL? {
        guard let text = try string(name) else { return nil }
        do {
            return try HTTPURL(text)
        } catch {
            throw complaint(name, code: error.diagnostic.code, error.diagnostic.message, hints: error.diagnostic.hints)
        }
    }
}
