import Crypto
import OpsCore
import OpsTransport

/// Replaces one file on a host so that nobody ever sees half of it: temporary file in the same directory, owner and mode
/// before it has any content, content compared with its checksum, rename.
struct FileWrite: Sendable {
    var path: String
    var content: [UInt8]
    var attributes: FileAttributes
    /// Bits of the file that is replaced, kept if no mode is declared; 0644 for a new one.
    var currentBits: Int?
    /// A command with `%s` for the temporary file; the write is given up unless it succeeds.
    var validate: String?
    var backup = false

    static func sha256(_ bytes: some Sequence<UInt8>) -> String {
        var hash = SHA256()
        hash.update(data: Array(bytes))
        return hash.finalize().map { byte in
            let digits = String(byte, radix: 16)
            return digits.count == 1 ? "0" + digits : digits
        }.joined()
    }

    /// The receiving end. A connection that breaks ends the input early: the checksum then disagrees.
    var script: String {
        let check = validate.map { command in
            command.replacing("%s", with: "\"$t\"") + " || { echo 'validation failed' >&2; exit 8; }\n"
        }
        let keep = backup ? "[ -e \"$p\" ] && cp -p \"$p\" \"$p.$(date +%Y%m%d%H%M%S)~\"\n" : ""
        return """
            set -e
            umask 077
            p=\(ShellQuoting.quote(path))
            d=$(dirname -- "$p")
            [ -d "$d" ] || { echo "no such directory: $d" >&2; exit 7; }
            t=$(mktemp "$d/.opsctl.XXXXXX")
            trap 'rm -f "$t"' EXIT
            exec 3> "$t" 4< "$t"
            \(setAttributes)cat >&3
            exec 3>&-
            [ "$(sha256sum <&4 | cut -d' ' -f1)" = \(Self.sha256(content)) ] || { echo 'the content did not arrive whole' >&2; exit 6; }
            exec 4<&-
            \(hasSetID ? setAttributes : "")\(check ?? "")\(keep)sync "$t" 2>/dev/null || sync
            mv -f "$t" "$p"
            trap - EXIT
            """
    }

    /// The file is open by now: its owner may not be who writes it, and its mode may let nobody write.
    private var setAttributes: String {
        attributes.commands(variable: "t", bits: currentBits ?? 0o644, isDirectory: false)
    }

    /// Whether the mode has bits that writing clears (write(2): set-user-ID and set-group-ID).
    private var hasSetID: Bool {
        let bits = currentBits ?? 0o644
        return (attributes.mode?.resolved(current: bits, isDirectory: false) ?? bits) & 0o6000 != 0
    }

    func perform(_ work: StepWork) async throws {
        try await work.upload(content, into: script, to: "write \(path)")
    }
}
