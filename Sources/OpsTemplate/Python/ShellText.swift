/// Quoting for POSIX shells as Python's `shlex.quote`.
enum ShellText {
    static func quote(_ text: String) -> String {
        if text.isEmpty { return "''" }
        let isSafe = text.utf8.allSatisfy { byte in
            Lexer.isDigit(byte) || (0x61...0x7A).contains(byte) || (0x41...0x5A).contains(byte) || "_@%+=:,./-".utf8.contains(byte)
        }
        return isSafe ? text : "'" + text.replacingText("'", with: "'\"'\"'") + "'"
    }
}
