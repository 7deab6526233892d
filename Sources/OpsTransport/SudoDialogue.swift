import OpsCore

/// The conversation with sudo: what is started, when the password is sent, what an answer means.
struct SudoDialogue: Sendable {
    private let become: BecomeSettings
    private let peer: String
    /// Nothing else on the host says this, so a prompt cannot be mistaken or be missed in any language.
    private let token = "opsctl-\(Nonce())"
    private static let missing = "opsctl-sudo-missing"
    private static let longestAnswer = 8 * 1024

    /// - Throws: `BecomeError.invalidSettings`.
    init(_ become: BecomeSettings, peer: String) throws(BecomeError) {
        guard !become.user.isEmpty, !become.user.hasPrefix("-"), become.user.utf8.allSatisfy(Self.isSafe) else {
            throw .invalidSettings("'\(become.user)' is not a user name")
        }
        for flag in become.flags where !flag.utf8.allSatisfy(Self.isSafe) {
            throw .invalidSettings("the flag '\(flag)' holds characters that sudo's flags don't need")
        }
        self.become = become
        self.peer = peer
    }

    /// The line that starts `program` (for `sh -c`) as the other user, read alike by every login shell:
    /// between its single quotes stand no single quote, `!`, newline or double backslash.
    func line(_ program: String) -> String {
        let asking = become.password == nil ? "-n" : "-S -p \(token)-password"
        let flags = (become.flags.filter { !["-n", "-S", "-k"].contains($0) } + [asking]).joined(separator: " ")
        let script =
            #"LC_ALL=C; export LC_ALL; if [ "$(id -un)" = \#(become.user) ]; then exec /bin/sh -c "$1"; fi; "#
            + #"command -v sudo >/dev/null 2>&1 || { echo \#(Self.missing) >&2; exit 127; }; "#
            + #"exec sudo \#(flags) -u \#(become.user) -- /bin/sh -c "$1""#
        let announced = become.password == nil ? program : "echo \(token)-ready >&2; \(program)"
        return "exec /bin/sh -c '\(script)' sh '\(announced)'"
    }

    /// Gives sudo the password when it asks for it, and returns when the program runs.
    /// - Throws: `TransportError`, `BecomeError`.
    func hold(with process: any RemoteProcess) async throws {
        var heard = ""
        var asked = false
        while let chunk = try await process.read() {
            guard case .stderr(let bytes) = chunk else { continue }
            heard = String((heard + String(decoding: bytes, as: UTF8.self)).suffix(Self.longestAnswer))
            if heard.contains("\(token)-ready") { return }
            guard let prompt = heard.range(of: "\(token)-password") else { continue }
            if asked { throw BecomeError.passwordWrong(peer: peer, user: become.user) }
            asked = true
            heard = String(heard[prompt.upperBound...])
            try await sendPassword(to: process)
        }
        _ = try await process.wait()
        throw Self.refusal(heard, become: become, peer: peer)
    }

    private func sendPassword(to process: any RemoteProcess) async throws(TransportError) {
        guard let password = become.password else { return }
        let line = password.reveal { text in Array(text.utf8.prefix { $0 != 0x0A && $0 != 0x0D }) + [0x0A] }
        try await process.write(line)
    }

    /// What sudo's last words mean. sudo has one exit status for all of them, and with `LC_ALL=C` one
    /// wording each (the second ones are sudo-rs's); words that are not known are passed on.
    static func refusal(_ text: String, become: BecomeSettings, peer: String) -> BecomeError {
        let said = lastWords(text)
        let user = become.user
        let words = text.lowercased()
        func says(_ phrases: String...) -> Bool { phrases.contains { words.contains($0) } }
        if says(missing) { return .sudoMissing(peer: peer, user: user) }
        if says("must have a tty", "terminal is required to run") { return .terminalRequired(peer: peer, user: user) }
        if says("unknown user", "user not found") { return .unknownUser(peer: peer, user: user) }
        if says("not in the sudoers", "is not allowed to", "may not run sudo", "i'm afraid i can't do that") {
            return .notAllowed(peer: peer, user: user, said: said)
        }
        if says("incorrect password", "authentication failed", "authentication failure") {
            return .passwordWrong(peer: peer, user: user)
        }
        if says("password is required", "authentication is required", "no password was provided") {
            return .passwordRequired(peer: peer, user: user)
        }
        return .refused(peer: peer, user: user, said: said.isEmpty ? "sudo ended without a word" : said)
    }

    /// The last line that says something, without control characters and not longer than 300 characters.
    static func lastWords(_ text: String) -> String {
        let lines = text.split(whereSeparator: \.isNewline).map { line in
            String(String.UnicodeScalarView(line.unicodeScalars.filter { $0.properties.generalCategory != .control }))
        }
        return String((lines.last { $0.contains { !$0.isWhitespace } } ?? "").prefix(300))
    }

    private static func isSafe(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default:
            "_-./:,+@%=".utf8.contains(byte)
        }
    }
}
