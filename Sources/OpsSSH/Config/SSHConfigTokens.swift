import OpsCore
#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// What `%h` and its like stand for (ssh_config(5), TOKENS).
struct SSHConfigTokens {
    var host: String
    var originalHost: String
    var port: Int
    var user: String
    var environment: LocalEnvironment

    /// - Throws: `Diagnostic` for a token that is not known here.
    func expand(_ text: String, at location: SourceLocation) throws(Diagnostic) -> String {
        var result = ""
        var rest = text[...]
        while let character = rest.popFirst() {
            guard character == "%" else {
                result.append(character)
                continue
            }
            switch rest.popFirst() {
            case "%": result += "%"
            case "h": result += host
            case "n": result += originalHost
            case "p": result += "\(port)"
            case "r": result += user
            case "u": result += environment.user
            case "d": result += environment.home
            case let token:
                throw Diagnostic(
                    code: "ssh-config", "unknown token '%\(token.map(String.init) ?? "")' in '\(text)'", at: location,
                    hints: ["known are %%, %d, %h, %n, %p, %r and %u"])
            }
        }
        return result
    }

    /// Tokens, `${VARIABLE}` and a leading `~` expanded; relative paths are under the home directory.
    func path(_ text: String, at location: SourceLocation) throws(Diagnostic) -> String {
        let path = try variables(try expand(text, at: location), at: location)
        if path == "~" || path.hasPrefix("~/") { return environment.home + path.dropFirst() }
        return path
    }

    /// Every argument a path; `none` stands for no file at all.
    func paths(_ option: SSHConfigOption) throws(Diagnostic) -> [String] {
        var paths: [String] = []
        for argument in option.arguments where argument.lowercased() != "none" {
            paths.append(try path(argument, at: option.location))
        }
        return paths
    }

    private func variables(_ text: String, at location: SourceLocation) throws(Diagnostic) -> String {
        var result = text
        while let start = result.range(of: "${"), let end = result[start.upperBound...].firstIndex(of: "}") {
            let name = String(result[start.upperBound..<end])
            guard let value = getenv(name) else {
                throw Diagnostic(code: "ssh-config", "the variable '\(name)' is not set", at: location)
            }
            result.replaceSubrange(start.lowerBound...end, with: String(cString: value).replacing("${", with: "$ {"))
        }
        return result
    }
}
