/// Base64 of RFC 4648.
enum Base64Text {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    static func encode(_ bytes: [UInt8], urlSafe: Bool = false) -> String {
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count / 3 * 4 + 4)
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let rest = bytes[start..<min(start + 3, bytes.count)]
            var group = rest.reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
            group <<= UInt32(3 - rest.count) * 8
            for position in 0..<4 {
                result.append(
                    position <= rest.count ? alphabet[Int(group >> UInt32(18 - 6 * position) & 63)] : UInt8(ascii: "="))
            }
        }
        let text = String(decoding: result, as: UTF8.self)
        return urlSafe ? text.replacingText("+", with: "-").replacingText("/", with: "_") : text
    }

    /// The bytes; characters outside of both alphabets are skipped, as Python does. nil for wrong padding.
    static func decode(_ text: String) -> [UInt8]? {
        var result: [UInt8] = []
        var (group, count) = (UInt32(0), 0)
        var padding = 0
        for byte in text.utf8 {
            if byte == UInt8(ascii: "=") { padding += 1; continue }
            guard let value = value(byte) else { continue }
            if padding > 0 { break }
            group = group << 6 | UInt32(value)
            count += 1
            if count == 4 {
                result += [UInt8(group >> 16 & 0xFF), UInt8(group >> 8 & 0xFF), UInt8(group & 0xFF)]
                (group, count) = (0, 0)
            }
        }
        switch count {
        case 0: return result
        case 2: return padding >= 2 ? result + [UInt8(group >> 4 & 0xFF)] : nil
        case 3: return padding >= 1 ? result + [UInt8(group >> 10 & 0xFF), UInt8(group >> 2 & 0xFF)] : nil
        default: return nil
        }
    }

    private static func value(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 0x41...0x5A: byte - 0x41
        case 0x61...0x7A: byte - 0x61 + 26
        case 0x30...0x39: byte - 0x30 + 52
        case UInt8(ascii: "+"), UInt8(ascii: "-"): 62
        case UInt8(ascii: "/"), UInt8(ascii: "_"): 63
        default: nil
        }
    }
}
