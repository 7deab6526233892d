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

    func urlize(_ text: String) -> String {
        var result = ""
        var word = ""
        for scalar in HTML.escape(text).unicodeScalars {
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
        var (head, middle, tail) = ("", word, "")
        let opening = ["(", "<", "&lt;"]
        while let mark = opening.first(where: { PythonText.hasPrefix(middle, $0) }) {
            head += mark
            middle = String(decoding: middle.utf8.dropFirst(mark.utf8.count), as: UTF8.self)
        }
        let closing = [")", ">", ".", ",", "\n", "&gt;"]
        while let mark = closing.first(where: { PythonText.hasSuffix(middle, $0) }) {
            tail = mark + tail
            middle = String(decoding: middle.utf8.dropLast(mark.utf8.count), as: UTF8.self)
        }
        balance(&middle, &tail)
        return head + (address(middle).map { anchor($0.href, $0.shown) } ?? middle) + tail
    }

    /// Gives closing brackets back to an address that opens them.
    private func balance(_ middle: inout String, _ tail: inout String) {
        for (open, close) in [("(", ")"), ("<", ">"), ("&lt;", "&gt;")] {
            let opened = middle.splitText(open).count - 1
            let closed = middle.splitText(close).count - 1
            for _ in 0..<max(0, min(opened - closed, tail.splitText(close).count - 1)) {
                let parts = tail.splitText(close, limit: 1)
                middle += parts[0] + close
                tail = parts[1]
            }
        }
    }

    private func address(_ text: String) -> (href: String, shown: String)? {
        let scheme = ["https://", "http://"].first { text.lowercased().hasPrefix($0) }
        if let scheme, isHost(text.dropFirst(scheme.count)) { return (text, text) }
        if text.lowercased().hasPrefix("www."), isHost(text[...]) { return ("https://" + text, text) }
        let mail = text.hasPrefix("mailto:") ? String(text.dropFirst(7)) : text
        let parts = mail.splitText("@")
        if parts.count == 2, !parts[0].isEmpty, !parts[0].contains(":"), hasDomain(parts[1]) {
            return ("mailto:" + mail, mail)
        }
        if options.schemes.contains(where: { text.hasPrefix($0) && text.count > $0.count }) { return (text, text) }
        let host = String(text.prefix { $0 != "/" && $0 != "?" && $0 != "#" && $0 != ":" })
        let known = [".com", ".net", ".org", ".int", ".edu", ".gov", ".mil", ".info"]
        if known.contains(where: { host.hasSuffix($0) && host.count > $0.count }), isHost(text[...]) {
            return ("https://" + text, text)
        }
        return nil
    }

    private func isHost(_ rest: Substring) -> Bool {
        let host = rest.prefix { $0 != "/" && $0 != "?" && $0 != "#" && $0 != ":" }
        if host.lowercased() == "localhost" { return true }
        return host.first?.isLetter == true || host.first?.isNumber == true
            ? hasDomain(String(host)) : false
    }

    private func hasDomain(_ host: String) -> Bool {
        let labels = host.splitText(".")
        return labels.count > 1
            && labels.allSatisfy {
                !$0.isEmpty
                    && $0.unicodeScalars.allSatisfy {
                        PythonText.isLetter($0) || $0.properties.numericType != nil || $0 == "-" || $0 == "_"
                    }
            }
    }

    private func anchor(_ href: String, _ shown: String) -> String {
        var text = shown
        if let limit = options.limit, text.scalarCount > limit {
            text = String(text.unicodeScalars.prefix(limit)) + "..."
        }
        let relation =
            options.relation.isEmpty || href.hasPrefix("mailto:") ? "" : " rel=\"\(HTML.escape(options.relation))\""
        let target = href.hasPrefix("mailto:") ? "" : options.target.map { " target=\"\(HTML.escape($0))\"" } ?? ""
        return "<a href=\"\(href)\"\(relation)\(target)>\(text)</a>"
    }
}
