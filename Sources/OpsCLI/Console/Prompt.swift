import Foundation
import OpsCore

/// Asks the person at the terminal, whatever standard input and output are connected to.
enum Prompt {
    /// Bytes of an answer: any key in one line, and a bound for what is no answer.
    private static let longestSecret = 16 << 10

    /// Reads a line that isn't shown. Nil if there is no terminal or the input ends.
    ///
    /// The terminal hands over every key as it is pressed, ctrl-C included: it never stays silent after the program
    /// has ended. Ctrl-C then interrupts as it does elsewhere.
    /// - Throws: `Diagnostic` for an answer that is too long, has several lines or isn't UTF-8: a part of it would be
    ///   taken for the whole
    static func secret(_ question: String) throws(Diagnostic) -> Secret? {
        let terminal = open("/dev/tty", O_RDWR | O_CLOEXEC)
        guard terminal >= 0 else { return nil }
        defer { close(terminal) }
        var settings = termios()
        guard tcgetattr(terminal, &settings) == 0 else { return nil }
        var silent = settings
        silent.c_lflag &= ~tcflag_t(ECHO | ICANON | ISIG)
        withUnsafeMutableBytes(of: &silent.c_cc) { $0[Int(VMIN)] = 1 }
        guard tcsetattr(terminal, TCSAFLUSH, &silent) == 0 else { return nil }
        write(question + " ", to: terminal)
        let answer = readSilently(terminal)
        // What is left of an answer must not end in the shell.
        if case .refused = answer { _ = isMoreWaiting(terminal) }
        tcsetattr(terminal, TCSAFLUSH, &settings)
        write("\n", to: terminal)
        switch answer {
        case .line(let text): return Secret(text)
        case .refused(let reason):
            throw Diagnostic(code: "no-value", reason, hints: ["give it on standard input, or in a file"])
        case .ended: return nil
        case .interrupted:
            kill(getpid(), SIGINT)
            return nil
        }
    }

    private enum Answer {
        case line(String)
        case refused(String)
        case ended, interrupted
    }

    /// What a terminal does for a line by itself, as far as passwords need it: erase a character or all of them.
    private static func readSilently(_ terminal: CInt) -> Answer {
        var bytes: [UInt8] = []
        var byte: UInt8 = 0
        defer { for index in bytes.indices { bytes[index] = 0 } }
        while bytes.count <= longestSecret {
            guard read(terminal, &byte, 1) == 1 else { return .ended }
            switch byte {
            case 0x0A, 0x0D: return line(bytes, terminal)
            case 0x03: return .interrupted
            case 0x04: if bytes.isEmpty { return .ended }
            case 0x08, 0x7F:
                while let last = bytes.popLast(), last & 0xC0 == 0x80 {}
            case 0x15: bytes = []
            case 0..<0x09, 0x0B..<0x20: continue
            default: bytes.append(byte)
            }
        }
        return .refused("the answer is longer than \(longestSecret) bytes")
    }

    /// A line that was pasted together with more is only the beginning of what was meant.
    private static func line(_ bytes: [UInt8], _ terminal: CInt) -> Answer {
        if isMoreWaiting(terminal) { return .refused("the answer has several lines, and only one can be typed here") }
        return String(validating: bytes, as: UTF8.self).map(Answer.line) ?? .refused("the answer is not UTF-8 text")
    }

    /// Takes what comes without a pause, as nobody types; line ends alone don't count.
    private static func isMoreWaiting(_ terminal: CInt) -> Bool {
        var (isMore, byte): (Bool, UInt8) = (false, 0)
        var wait = pollfd(fd: terminal, events: Int16(POLLIN), revents: 0)
        while poll(&wait, 1, 30) > 0, read(terminal, &byte, 1) == 1 {
            isMore = isMore || ![0x0A, 0x0D].contains(byte)
        }
        return isMore
    }

    /// Reads a line that is shown. Nil if there is no terminal or the input ends.
    static func line(_ question: String) -> String? {
        let terminal = open("/dev/tty", O_RDWR | O_CLOEXEC)
        guard terminal >= 0 else { return nil }
        defer { close(terminal) }
        write(question + " ", to: terminal)
        return readLine(terminal)
    }

    /// A question that is answered with yes or no; anything but yes is no.
    static func confirm(_ question: String) -> Bool {
        let terminal = open("/dev/tty", O_RDWR | O_CLOEXEC)
        guard terminal >= 0 else { return false }
        defer { close(terminal) }
        write(question + " [y/N] ", to: terminal)
        return ["y", "yes"].contains(readLine(terminal)?.lowercased() ?? "")
    }

    private static func write(_ text: String, to descriptor: CInt) {
        let bytes = Array(text.utf8)
        _ = bytes.withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress, $0.count) }
    }

    private static func readLine(_ descriptor: CInt) -> String? {
        var bytes: [UInt8] = []
        var byte: UInt8 = 0
        while bytes.count < 4096 {
            guard read(descriptor, &byte, 1) == 1 else { return bytes.isEmpty ? nil : String(decoding: bytes, as: UTF8.self) }
            if byte == UInt8(ascii: "\n") { break }
            bytes.append(byte)
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
