/// Quoting for POSIX shells as Python's `shlex.quote`.
enum ShellText {
    /// - Parameter mark: how the quotes themselves are written.
    static func quote(_ text: String, mark: (String) -> String = { $0 }) -> String {
        if text.isEmpty { return "''" }
        if text.withBytes({ $0.allSatisfy(isSafe) }) { return text }
        return mark("'") + text.replacingText("'", with: mark("'\"'\"'")) + mark("'")
    }

    /// Letters, digits, and `@%+=:,./-_`.
    private static func isSafe(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x61...0x7A, 0x41...0x5A, 0x2B...0x3A, 0x40, 0x25, 0x3D, 0x5F: true
        default: false
        }
    }
}
