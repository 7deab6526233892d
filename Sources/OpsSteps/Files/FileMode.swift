import OpsCore

/// Permission bits as a user writes them: octal, or symbolic as `chmod` reads it.
public struct FileMode: Hashable, Sendable {
    private enum Form: Hashable {
        case bits(Int)
        case symbolic([Clause])
    }

    /// `u=rwX`: who, operator, permissions.
    fileprivate struct Clause: Hashable {
        var who: String
        var operation: Character
        var permissions: String
    }

    private let form: Form

    public init(bits: Int) { form = .bits(bits & 0o7777) }

    /// Reads a rendered argument: `"0644"`, `0644` (octal in YAML), `u=rw,go=r`.
    /// - Throws: a complaint without a place; `ArgumentReader.mode` adds it.
    init(_ value: Value) throws(Diagnostic) {
        switch value {
        case .int(let number):
            // YAML gave a decimal number. `644` is a forgotten zero; real bits never look like that.
            if let asOctal = Int(String(number), radix: 8), number >= 100, number <= 7777, Self.usual.contains(asOctal) {
                throw Diagnostic(
                    code: "decimal-mode", "mode \(number) is a decimal number", hints: ["write '0\(number)' with quotes"])
            }
            guard (0...0o7777).contains(number) else { throw Self.unreadable("\(number)") }
            form = .bits(number)
        case .string(let text):
            if let bits = Int(text, radix: 8), (0...0o7777).contains(bits) {
                form = .bits(bits)
            } else if let clauses = Self.clauses(text) {
                form = .symbolic(clauses)
            } else {
                throw Self.unreadable(text)
            }
        default:
            throw Self.unreadable("a \(value.kindName)")
        }
    }

    private static let usual: Set<Int> = [
        0o400, 0o440, 0o444, 0o500, 0o550, 0o555, 0o600, 0o640, 0o644, 0o660, 0o664, 0o666, 0o700, 0o710, 0o711, 0o750,
        0o755, 0o770, 0o775, 0o777, 0o1777, 0o2755, 0o2775, 0o4755,
    ]

    private static func unreadable(_ text: String) -> Diagnostic {
        Diagnostic(code: "bad-mode", "'\(text)' is not a file mode", hints: ["write '0644', or 'u=rw,g=r,o=r'"])
    }

    private static func clauses(_ text: String) -> [Clause]? {
        var clauses: [Clause] = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let who = part.prefix { "ugoa".contains($0) }
            let rest = part.dropFirst(who.count)
            guard let operation = rest.first, "=+-".contains(operation) else { return nil }
            let permissions = rest.dropFirst()
            guard permissions.allSatisfy({ "rwxXst".contains($0) }) else { return nil }
            clauses.append(Clause(who: who.isEmpty ? "a" : String(who), operation: operation, permissions: String(permissions)))
        }
        return clauses.isEmpty ? nil : clauses
    }

    /// The bits a file will have that has `current` bits now.
    public func resolved(current: Int, isDirectory: Bool) -> Int {
        switch form {
        case .bits(let bits): bits
        case .symbolic(let clauses):
            clauses.reduce(current) { $1.applied(to: $0, isDirectory: isDirectory) }
        }
    }

    /// `0644`
    public static func octal(_ bits: Int) -> String {
        let digits = String(bits, radix: 8)
        return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    }
}

extension FileMode.Clause {
    fileprivate func applied(to bits: Int, isDirectory: Bool) -> Int {
        var triple = 0
        if permissions.contains("r") { triple |= 4 }
        if permissions.contains("w") { triple |= 2 }
        let executable = permissions.contains("x") || (permissions.contains("X") && (isDirectory || bits & 0o111 != 0))
        if executable { triple |= 1 }
        var result = bits
        for (letter, shift, special) in [("u", 6, 0o4000), ("g", 3, 0o2000), ("o", 0, 0)]
        where who.contains("a") || who.contains(letter) {
            var wanted = triple << shift
            if permissions.contains("s") { wanted |= special }
            switch operation {
            case "+": result |= wanted
            case "-": result &= ~wanted
            default: result = (result & ~((7 << shift) | special)) | wanted
            }
        }
        if permissions.contains("t") { result = operation == "-" ? result & ~0o1000 : result | 0o1000 }
        return result
    }
}

extension ArgumentReader {
    /// A file mode; nil if not written or `preserve`.
    func mode(_ name: String) throws(Diagnostic) -> FileMode? {
        guard let value = value(name), value != "preserve" else { return nil }
        do {
            return try FileMode(value)
        } catch {
            throw complaint(name, code: error.code, error.message, hints: error.hints)
        }
    }
}
