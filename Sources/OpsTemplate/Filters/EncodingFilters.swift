import Crypto
import OpsCore

extension FunctionTable {
    static let encodingFilters: [FunctionDefinition] = [
        FunctionDefinition("b64encode", "encoding? urlsafe?") { call in
            .string(Base64Text.encode(try bytes(try call.subjectPrinted(), call), urlSafe: try call.bool(1)))
        },
        FunctionDefinition("b64decode", "encoding? urlsafe?") { call in
            guard let bytes = Base64Text.decode(try call.subjectPrinted()) else {
                throw call.fail("the text is not base64")
            }
            switch try encoding(call) {
            case "latin1": return .string(String(String.UnicodeScalarView(bytes.map { Unicode.Scalar($0) })))
            case "utf16le":
                let units = stride(from: 0, to: bytes.count - 1, by: 2).map {
                    UInt16(bytes[$0]) | UInt16(bytes[$0 + 1]) << 8
                }
                return .string(String(decoding: units, as: UTF16.self))
            default: break
            }
            guard let text = String(validating: bytes, as: UTF8.self) else {
                throw call.fail("the decoded bytes are not UTF-8 text")
            }
            return .string(text)
        },
        FunctionDefinition("hash", "hashtype?") { call in
            .string(try digest(try call.subjectPrinted(), try call.string(0, default: "sha1"), call))
        },
        FunctionDefinition("md5") { call in .string(try digest(try call.subjectPrinted(), "md5", call)) },
        FunctionDefinition("sha1") { call in .string(try digest(try call.subjectPrinted(), "sha1", call)) },
        FunctionDefinition("checksum") { call in .string(try digest(try call.subjectPrinted(), "sha1", call)) },
        FunctionDefinition("to_uuid", "namespace?") { call in
            guard let namespace = uuidBytes(try call.string(0, default: "361E6D51-FAEC-444A-9079-341386DA8E2E")) else {
                throw call.fail("the namespace is not a UUID")
            }
            var hash = Array(Insecure.SHA1.hash(data: namespace + Array(try call.subjectPrinted().utf8)).prefix(16))
            hash[6] = hash[6] & 0x0F | 0x50
            hash[8] = hash[8] & 0x3F | 0x80
            let text = hexadecimal(hash)
            let cuts = [0, 8, 12, 16, 20, 32]
            let parts = zip(cuts, cuts.dropFirst()).map { String(text.dropFirst($0).prefix($1 - $0)) }
            return .string(parts.joined(separator: "-"))
        },
        FunctionDefinition("password_hash", "hashtype? salt? salt_size? rounds? ident?") { call in
            .string(try PasswordHash.text(try call.subjectText(), call))
        },
        FunctionDefinition("urldecode") { call in .string(URLText.unquotePlus(try call.subjectText())) },
        FunctionDefinition("urlsplit", "query? alias?") { call in try urlSplit(call) },
    ]

    private static func encoding(_ call: Call) throws -> String {
        let name = try call.string(0, default: "utf-8").lowercased().replacingText("-", with: "").replacingText(
            "_", with: "")
        if ["latin1", "iso88591"].contains(name) { return "latin1" }
        guard ["utf8", "ascii", "utf16le"].contains(name) else {
            throw call.fail("the encoding must be utf-8, utf-16-le, latin-1 or ascii")
        }
        return name
    }

    private static func bytes(_ text: String, _ call: Call) throws -> [UInt8] {
        let encoding = try encoding(call)
        if encoding == "utf16le" { return text.utf16.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] } }
        if encoding == "utf8" { return Array(text.utf8) }
        let highest: UInt32 = encoding == "ascii" ? 0x7F : 0xFF
        guard let beyond = text.unicodeScalars.first(where: { $0.value > highest }) else {
            return text.unicodeScalars.map { UInt8($0.value) }
        }
        throw call.fail("the encoding has no character '\(beyond)'")
    }

    private static func digest(_ text: String, _ algorithm: String, _ call: Call) throws -> String {
        let data = Array(text.utf8)
        switch algorithm.lowercased() {
        case "md5": return hexadecimal(Insecure.MD5.hash(data: data))
        case "sha1": return hexadecimal(Insecure.SHA1.hash(data: data))
        case "sha256": return hexadecimal(SHA256.hash(data: data))
        case "sha384": return hexadecimal(SHA384.hash(data: data))
        case "sha512": return hexadecimal(SHA512.hash(data: data))
        case "sha3_256": return hexadecimal(SHA3_256.hash(data: data))
        case "sha3_384": return hexadecimal(SHA3_384.hash(data: data))
        case "sha3_512": return hexadecimal(SHA3_512.hash(data: data))
        default:
            throw call.fail(
                "the algorithm '\(algorithm)' is not supported",
                hints: ["use sha256, sha384, sha512, sha3_256, sha3_384, sha3_512, sha1 or md5"])
        }
    }

    static func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
        let digits = Array("0123456789abcdef".utf8)
        return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }

    private static func uuidBytes(_ text: String) -> [UInt8]? {
        let digits = text.compactMap(\.hexDigitValue)
        guard digits.count == 32, text.allSatisfy({ $0.hexDigitValue != nil || "-{}urn:id".contains($0) }) else {
            return nil
        }
        return stride(from: 0, to: 32, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
    }

    private static func urlSplit(_ call: Call) throws -> JinjaValue {
        guard let parts = URLParts(try call.subjectText()) else { throw call.fail("the URL is malformed") }
        let port: JinjaValue = parts.port.map { .int($0) } ?? .null
        func text(_ value: String?) -> JinjaValue { value.map { .string($0) } ?? .null }
        let result = MapObject([
            ("fragment", .string(parts.fragment)), ("hostname", text(parts.hostname)),
            ("netloc", .string(parts.netloc)),
            ("password", text(parts.password)), ("path", .string(parts.path)), ("port", port),
            ("query", .string(parts.query)),
            ("scheme", .string(parts.scheme)), ("username", text(parts.username)),
        ])
        guard let query = call.given(0)?.text, !query.isEmpty else { return .map(result) }
        guard let value = try result.value(query) else { throw call.fail("unknown URL component '\(query)'") }
        return value
    }
}
