import Foundation
import OpsCore

/// Asks the person at the terminal, whatever standard input and output are connected to.
enum Prompt {
    /// Reads a line that isn't shown. Nil if there is no terminal or the input ends.
    ///
    /// The terminal hands over every key as it is pressed, ctrl-C included: it never stays silent after the program
    /// has ended. Ctrl-C then interrupts as it does elsewhere.
    static func secret(_ question: String) -> Secret? {
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
        tcsetattr(terminal, TCSAFLUSH, &settings)
        write("\n", to: terminal)
        if case .interrupted = answer { kill(getpid(), SIGINT) }
        guard case .line(let text) = answer else { return nil }
        return Secret(text)
    }

    private enum Answer {
        case line(String)
        case ended, interrupted
    }

    /// What a terminal does for a line by itself, as far as passwords need it: erase a character or all of them.
    private static func readSilently(_ terminal: CInt) -> Answer {
        var bytes: [UInt8] = []
        var byte: UInt8 = 0
        defer { for index in bytes.indices { bytes[index] = 0 } }
        while bytes.count < 4096 {
            guard read(terminal, &byte, 1) == 1 else { return .ended }
            switch byte {
            case 0x0A, 0x0D: return .line(String(decoding: bytes, as: UTF8.self))
            case 0x03: return .interrupted
            case 0x04: if bytes.isEmpty { return .ended }
            case 0x08, 0x7F: bytes = Array(String(decoding: bytes, as: UTF8.self).dropLast().utf8)
            case 0x15: bytes = []
            case 0..<0x20: continue
            default: bytes.append(byte)
            }
        }
        return .line(String(decoding: bytes, as: UTF8.self))
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
