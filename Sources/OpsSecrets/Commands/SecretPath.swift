import OpsCore

/// Where a value stands in a file, as users write it: `smtp.users.0.password`.
public enum SecretPath {
    /// Keys and list positions; a backslash takes the next character as it is, so `a\.b` is one key.
    public static func parse(_ text: String) -> [String] {
        var parts = [""]
        var isEscaped = false
        for character in text {
            if isEscaped || (character != "." && character != "\\") {
                parts[parts.count - 1].append(character)
                isEscaped = false
            } else if character == "\\" {
                isEscaped = true
            } else {
                parts.append("")
            }
        }
        return parts
    }

    /// What stands there; nil if nothing does.
    public static func value(at path: [String], in value: Value) -> Value? {
        path.reduce(Optional(value)) { value, name in
            if let found = value?[name] { return found }
            guard let index = Int(name), let items = value?.list, items.indices.contains(index) else { return nil }
            return items[index]
        }
    }
}
