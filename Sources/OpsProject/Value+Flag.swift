import OpsCore

extension Value {
    /// True or false: a boolean, 1 or 0, or a text such as `yes` or `off` that Ansible takes for one.
    public var flag: Bool? {
        switch self {
        case .bool(let flag): flag
        case .int(1): true
        case .int(0): false
        case .string(let text) where ["yes", "on", "1", "true", "y", "t"].contains(text.lowercased()): true
        case .string(let text) where ["no", "off", "0", "false", "n", "f"].contains(text.lowercased()): false
        default: nil
        }
    }
}
