import OpsCore
import OpsTransport

/// The command that goes on where a run stopped: the same one, limited to the hosts that are not done.
enum ResumeCommand {
    /// - Parameter arguments: of this program, without its name.
    /// - Returns: nil if all hosts are done, or none is: then the command is the one just typed.
    static func text(arguments: [String], recaps: [HostRecap]) -> String? {
        let open = recaps.filter { $0.failed > 0 || $0.unreachable > 0 || $0.notStarted }.map(\.host)
        guard !open.isEmpty, open.count < recaps.count else { return nil }
        var words: [String] = []
        var isValue = false
        for word in arguments {
            let takesNext = !isValue && ["--limit", "-l"].contains(word)
            let isWhole = word.hasPrefix("--limit=") || (word.hasPrefix("-l") && word.count > 2)
            if !isValue, !takesNext, !isWhole { words.append(word) }
            isValue = takesNext
        }
        return ShellQuoting.join(["opsctl"] + words + ["--limit", open.joined(separator: ",")])
    }
}
