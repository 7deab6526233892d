/// Turns addresses in text into HTML links, as Jinja2's `urlize`.
struct Urlizer {
    struct Options {
        var limit: Int?
        var relation = ""
        var target: String?
        var schemes: [String] = []
    }

    private let options: Options

    init(_ options: Options) { self.options = options }

    /// Jinja2's own expressions.
    private static let http = regex(
        #"((https?://|www\.)(([\w%-]+\.)+)?([a-z]{2,63}|xn--[\w%]{2,59})|([\w%-]{2,63}\.)+(com|net|int|edu|gov|org|info|mil)"#
            + #"|(https?://)((([\d]{1,3})(\.[\d]{1,3}){3})|(\[([\da-f]{0,4}:){2}([\da-f]{0,4}:?){1,6}])))"#
            + #"(?::[\d]{1,5})?(?:[/?#]\S*)?"#)
    private static let mail = regex(#"\S+@\w[\w.-]*\.\w+"#)
    private static let scheme = regex(#"[\w.+-]{2,}:(/){0,2}"#)

    private static func regex(_ pattern: String) -> PythonRegex? {
        try? PythonRegex(pattern, flags: RegexParser.Flags(ignoresCase: true), stepLimit: 100_000)
    }

    private static func matches(_ regex: PythonRegex?, _ text: String) -> Bool {
        guard let regex, let matches = try? regex.matchesWhole(text) else { return false }
        return matches
    }

    /// Whether it is the beginning of a URL, such as `ftp://`.
    static func isScheme(_ text: String) -> Bool { matches(scheme, text) }

    /// - Parameter text: escaped already.
    func urlize(_ text: String) -> String {
        var result = ""
        var word = ""
        for scalar in text.unicodeScalars {
            if PythonText.isSpace(scalar) {
                result += link(word)
                word = ""
                result.unicodeScalars.append(scalar)
            } else {
                word.unicodeScalars.append(scalar)
            }
        }
        return result + link(word)
    }

    private func link(_ word: String) -> String {
        let bytes = Array(word.utf8)
        let start = Urlizer.end(of: ["(", "<", "&lt;"], from: bytes)
        let rest = bytes[start...]
        let end = Urlizer.start(of: [")", ">", ".", ",", "&gt;"], before: rest)
        var (middle, tail) = (text(rest[..<end]), text(rest[end...]))
        balance(&middle, &tail)
        return text(bytes[..<start]) + anchor(middle) + tail
    }

    private func text(_ bytes: some Sequence<UInt8>) -> String { String(decoding: Array(bytes), as: UTF8.self) }

    /// Behind all the marks that the bytes start with.
    private static func end(of marks: [String], from bytes: [UInt8]) -> Int {
        var index = 0
        while let mark = marks.first(where: { bytes[index...].starts(with: $0.utf8) }) { index += mark.utf8.count }
        return index
    }

    /// Before all the marks that the bytes end with.
    private static func start(of marks: [String], before bytes: ArraySlice<UInt8>) -> Int {
        var index = bytes.endIndex
        while let mark = marks.first(where: { bytes[..<index].suffix($0.utf8.count).elementsEqual($0.utf8) }) {
            index -= mark.utf8.count
        }
        return index
    }

    /// Gives closing brackets back to an address that opens them.
    private func balance(_ middle: inout String, _ tail: inout String) {
        for (open, close) in [("(", ")"), ("<", ">"), ("&lt;", "&gt;")] {
            let opened = middle.splitText(open).count - 1
            if opened <= middle.splitText(close).count - 1 { continue }
            let pieces = tail.splitText(close, limit: opened)
            middle += pieces.dropLast().map { $0 + close }.joined()
            tail = pieces[pieces.count - 1]
        }
    }

    private func anchor(_ text: String) -> String {
        if Urlizer.matches(Urlizer.http, text) {
            let isWhole = text.hasPrefix("https://") || text.hasPrefix("http://")
            return link(to: isWhole ? text : "https://" + text, showing: shortened(text))
        }
        let address = text.hasPrefix("mailto:") ? String(text.dropFirst(7)) : text
        let mayBeMail = text != address || (text.contains("@") && !text.hasPrefix("www.") && !text.contains(":"))
        if mayBeMail, Urlizer.matches(Urlizer.mail, address) { return "<a href=\"mailto:\(address)\">\(address)</a>" }
        let isExtra = options.schemes.contains { text != $0 && PythonText.hasPrefix(text, $0) }
        return isExtra ? link(to: text, showing: text) : text
    }

    private func shortened(_ text: String) -> String {
        guard let limit = options.limit, text.scalarCount > limit else { return text }
        return String(text.unicodeScalars.prefix(max(0, limit))) + "..."
    }

    private func link(to address: String, showing text: String) -> String {
        let relation = options.relation.isEmpty ? "" : " rel=\"\(HTML.escape(options.relation))\""
        let target = options.target.map { " target=\"\(HTML.escape($0))\"" } ?? ""
        return "<a href=\"\(address)\"\(relation)\(target)>\(text)</a>"
    }
}
