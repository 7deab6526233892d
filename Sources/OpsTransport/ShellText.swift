/// The texts that opsctl sends to shells on hosts. All are for a POSIX `sh`: dash, bash, busybox ash, mksh.
enum ShellText {
    /// The line that starts the shared shell; every login shell reads it alike.
    static let shell = "exec /bin/sh"

    /// A program for `sh -c` that reads a script from standard input, up to a line that is the nonce, and
    /// runs it with the rest of standard input as its own.
    ///
    /// `read` takes no byte more than the line from a pipe (POSIX), so all that follows is left to the script.
    static func feeder(_ nonce: Nonce) -> String {
        #"n=$(printf "\n_"); n=${n%_}; s=; while IFS= read -r l; do [ "$l" = \#(nonce) ] && break; s=$s$l$n; done; "#
            + #"printf "\036B\#(nonce) %s\036" $$; printf "\036B\#(nonce) %s\036" $$ >&2; eval "$s""#
    }

    /// What sets the shared shell up; its own begin is marked like a script's end, with its process number.
    ///
    /// The begin mark of a script is read from `/proc/self` without starting a program. The text is one
    /// list of functions and assignments, so a script can do with them what it likes in its subshell.
    static func prologue(_ nonce: Nonce) -> String {
        environment
            + #"""
            opsctl_begin() {
            { read -r opsctl_p opsctl_r; } 2>/dev/null </proc/self/stat
            printf '\036B%s %s\036' "$1" "${opsctl_p:--}" >&2
            unset opsctl_p opsctl_r
            }
            opsctl_end() {
            printf '\036E%s %s\036' "$1" "$2"
            printf '\036E%s %s\036' "$1" "$2" >&2
            }

            """# + "opsctl_end \(nonce) $$\n"
    }

    /// English messages, and the directories that the PATH of a non-login shell often lacks.
    static let environment = """
        PATH="${PATH:-/usr/bin:/bin}:/usr/local/bin:/usr/sbin:/sbin" LC_ALL=C
        export PATH LC_ALL

        """

    /// A script for the shared shell. A subshell keeps `exit`, `cd` and variables to the script, `eval` of
    /// a quoted word its syntax errors.
    ///
    /// Input goes through the shell's own `printf`, so it is in nobody's arguments and in no temporary file.
    static func request(_ script: String, input: [UInt8]?, nonce: Nonce) -> [UInt8] {
        var text: [UInt8] = []
        if let input { text += Array("printf %s ".utf8) + quoted(input) + Array(" 2>/dev/null | ".utf8) }
        text += Array("(opsctl_begin \(nonce); eval ".utf8) + quoted(Array(script.utf8))
        text += Array(")\(input == nil ? " </dev/null" : ""); opsctl_end \(nonce) $?\n".utf8)
        return text
    }

    /// Any bytes but NUL as one word.
    private static func quoted(_ bytes: [UInt8]) -> [UInt8] {
        let quote = UInt8(ascii: "'")
        var word = [quote]
        word.reserveCapacity(bytes.count + 64)
        for byte in bytes {
            if byte == quote { word += [quote, UInt8(ascii: "\\"), quote, quote] } else { word.append(byte) }
        }
        return word + [quote]
    }
}
