/// The text form of an age file: base64 in lines of 64 between two marker lines.
enum AgeArmor {
    static let header = "-----BEGIN AGE ENCRYPTED FILE-----"
    static let footer = "-----END AGE ENCRYPTED FILE-----"
    static let columns = 64
    static let maximumWhitespace = 1024

    static func isSpace(_ byte: UInt8) -> Bool { byte == 32 || (9...13).contains(byte) }

    /// Whether the first bytes of a file are those of an armored one.
    static func isArmored(_ bytes: some Collection<UInt8>) -> Bool {
        bytes.drop(while: isSpace).starts(with: "-----BEGIN AGE".utf8)
    }
}

/// Takes armor in pieces, gives the bytes inside. Strict: what `age` refuses is refused.
struct AgeArmorDecoder {
    private enum Stage { case before, body, lastLine, after }

    private var stage = Stage.before
    private var line: [UInt8] = []
    private var whitespace = 0

    mutating func feed(_ bytes: some Collection<UInt8>) throws(AgeError) -> [UInt8] {
        var output: [UInt8] = []
        for byte in bytes {
            if stage == .after {
                try trailing(byte)
            } else if byte == UInt8(ascii: "\n") {
                try take(&output)
            } else {
                line.append(byte)
                if line.count > AgeArmor.maximumWhitespace { throw .armor("a line is too long") }
            }
        }
        return output
    }

    mutating func finish() throws(AgeError) -> [UInt8] {
        var output: [UInt8] = []
        if stage != .after { try take(&output) }
        guard stage == .after else { throw .armor("it is cut short") }
        return output
    }

    private mutating func trailing(_ byte: UInt8) throws(AgeError) {
        guard AgeArmor.isSpace(byte) else { throw .armor("data after its end") }
        try countWhitespace(1)
    }

    private mutating func countWhitespace(_ count: Int) throws(AgeError) {
        whitespace += count
        if whitespace > AgeArmor.maximumWhitespace { throw .armor("too much white space around it") }
    }

    /// Takes one whole line.
    private mutating func take(_ output: inout [UInt8]) throws(AgeError) {
        if line.last == UInt8(ascii: "\r") { line.removeLast() }
        defer { line.removeAll(keepingCapacity: true) }
        switch stage {
        case .before:
            if line.allSatisfy(AgeArmor.isSpace) { return try countWhitespace(line.count + 1) }
            guard line.elementsEqual(AgeArmor.header.utf8) else { throw .armor("its first line is wrong") }
            (stage, whitespace) = (.body, 0)
        case .body:
            if line.elementsEqual(AgeArmor.footer.utf8) {
                stage = .after
                return
            }
            guard !line.isEmpty, line.count <= AgeArmor.columns,
                let bytes = Base64Codec.decode(line, padded: true)
            else { throw .armor("a line is not base64 of 64 columns") }
            output += bytes
            if bytes.count < 48 { stage = .lastLine }
        case .lastLine:
            guard line.elementsEqual(AgeArmor.footer.utf8) else { throw .armor("its last line is wrong") }
            stage = .after
        case .after: break
        }
    }
}

/// Takes bytes in pieces, gives armor.
struct AgeArmorEncoder {
    private static let lineBytes = 48
    private var pending: [UInt8] = []
    private var started = false

    mutating func feed(_ bytes: some Collection<UInt8>) -> [UInt8] {
        var output = start()
        pending += bytes
        let whole = pending.count / Self.lineBytes * Self.lineBytes
        for offset in stride(from: 0, to: whole, by: Self.lineBytes) {
            output += Base64Codec.encode(pending[offset..<offset + Self.lineBytes], padded: true).utf8
            output.append(UInt8(ascii: "\n"))
        }
        pending.removeFirst(whole)
        return output
    }

    mutating func finish() -> [UInt8] {
        var output = start()
        if !pending.isEmpty { output += (Base64Codec.encode(pending, padded: true) + "\n").utf8 }
        pending = []
        return output + (AgeArmor.footer + "\n").utf8
    }

    private mutating func start() -> [UInt8] {
        defer { started = true }
        return started ? [] : Array((AgeArmor.header + "\n").utf8)
    }
}
