import Foundation
import OpsCore

/// Asks the person at the terminal, whatever standard input and output are connected to.
enum Prompt {
    /// Reads a line that isn't shown. Nil if there is no terminal or the input ends.
    static func secret(_ question: String) -> Secret? {
        let terminal = open("/dev/tty", O_RDWR | O_CLOEXEC)
        guard terminal >= 0 else { return nil }
        defer { close(terminal) }
        var settings = termios()
        guard tcgetattr(terminal, &settings) == 0 else { return nil }
        var silent = settings
        silent.c_lflag &= ~tcflag_t(ECHO)
        guard tcsetattr(terminal, TCSAFLUSH, &silent) == 0 else { return nil }
        defer { tcsetattr(terminal, TCSAFLUSH, &settings) }
        write(question + " ", to: terminal)
        let line = readLine(terminal)
        write("\n", to: terminal)
        return line.map { Secret($0) }
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
