/// Quotes text for a POSIX shell.
public enum ShellQuoting {
    /// One word that the shell reads as exactly this text. Bare where nothing needs quoting.
    ///
    /// A NUL byte cannot stand in an argument and is refused by `containsNUL` checks of callers; here it
    /// is dropped, as any shell would.
    public static func quote(_ text: String) -> String {
        if !text.isEmpty, text.utf8.allSatisfy(isSafe) { return text }
        return "'" + text.replacing("\0", with: "").replacing("'", with: "'\\''") + "'"
    }

    /// Words joined by spaces, each quoted.
    public static func join(_ words: some Sequence<String>) -> String {
        words.map(quote).joined(separator: " ")
    }

    private static func isSafe(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default:
            "_-./:,+@%".utf8.contains(byte)
        }
    }
}
