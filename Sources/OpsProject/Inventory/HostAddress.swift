/// A host's name and port as inventories and patterns write them (`parsing/utils/addresses.py`).
enum HostAddress {
    /// Splits off a port; nil if the text is no host name or address, with ranges such as `web[1:9]` or without.
    static func parse(_ text: String, allowRanges: Bool) -> (host: String, port: Int?)? {
        var address = text[...]
        var port: Int?
        if let (inner, number) = bracketed(address) { (address, port) = (inner, number) }
        if let (inner, number) = withPort(address) { (address, port) = (inner, number) }
        guard isHostName(address) || isIPv6(address) else { return nil }
        if !allowRanges, address.contains("[") { return nil }
        return (String(address), port)
    }

    /// `[host]:22`
    private static func bracketed(_ text: Substring) -> (Substring, Int)? {
        guard text.first == "[", let (head, port) = splitPort(text), head.last == "]", head.count > 2 else {
            return nil
        }
        return (head.dropFirst().dropLast(), port)
    }

    /// `host:22`, where colons in brackets do not count and no other colon stands.
    private static func withPort(_ text: Substring) -> (Substring, Int)? {
        guard let (head, port) = splitPort(text) else { return nil }
        var inBrackets = false
        for character in head {
            switch character {
            case "[" where !inBrackets: inBrackets = true
            case "]" where inBrackets: inBrackets = false
            case ":" where !inBrackets, "]": return nil
            default: break
            }
        }
        return inBrackets ? nil : (head, port)
    }

    private static func splitPort(_ text: Substring) -> (Substring, Int)? {
        guard let colon = text.lastIndex(of: ":") else { return nil }
        let digits = text[text.index(after: colon)...]
        guard !digits.isEmpty, digits.utf8.allSatisfy(isDigit), let port = Int(digits) else { return nil }
        return (text[..<colon], port)
    }

    // MARK: Names

    /// Labels of letters, digits, `-`, `_` and ranges, joined by dots; none ends in `-` or `_`.
    private static func isHostName(_ text: Substring) -> Bool {
        var rest = text
        var previous: Character?
        while let first = rest.first {
            if first == "[" {
                guard let close = rest.firstIndex(of: "]"), isRange(rest[rest.index(after: rest.startIndex)..<close])
                else { return false }
                rest = rest[rest.index(after: close)...]
                previous = "0"
                continue
            }
            switch first {
            case ".", "-":
                if previous == nil || previous == "." || first == "." && (previous == "-" || previous == "_") {
                    return false
                }
            default: if !isWord(first) { return false }
            }
            previous = first
            rest = rest.dropFirst()
        }
        return previous != nil && previous != "." && previous != "-" && previous != "_"
    }

    private static func isWord(_ character: Character) -> Bool {
        character == "_" || character.isLetter || character.isNumber
    }

    /// `a:f`, `1:20` or either with a step.
    private static func isRange(_ text: Substring) -> Bool {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2 || parts.count == 3 && isNumber(parts[2]) else { return false }
        let letters = parts[..<2].allSatisfy { $0.utf8.count == 1 && $0.first?.isLetter == true }
        return letters || parts[..<2].allSatisfy(isNumber)
    }

    private static func isNumber(_ text: Substring) -> Bool { !text.isEmpty && text.utf8.allSatisfy(isDigit) }
    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

    // MARK: IPv6

    /// Groups of hexadecimal digits or ranges of them; one `::` may stand for groups left out.
    private static func isIPv6(_ text: Substring) -> Bool {
        guard text.contains(":"), text.utf8.count <= 200 else { return false }
        var groups: [Substring] = []
        var start = text.startIndex
        var depth = 0
        for index in text.indices {
            switch text[index] {
            case "[": depth += 1
            case "]": depth -= 1
            case ":" where depth == 0:
                groups.append(text[start..<index])
                start = text.index(after: index)
            default: break
            }
        }
        groups.append(text[start...])
        return hasValidGroups(groups)
    }

    private static func hasValidGroups(_ groups: [Substring]) -> Bool {
        var groups = groups
        if let last = groups.last, last.contains(".") {
            let quad = last.split(separator: ".", omittingEmptySubsequences: false)
            guard quad.count == 4, quad.allSatisfy(isHexadecimalGroup) else { return false }
            groups.removeLast()
            let prefix = groups.joined(separator: ":").lowercased()
            return [":", ":0:ffff", "::ffff", "0:0:0:0:0:0", "0:0:0:0:0:ffff", ":"].contains(prefix)
        }
        guard groups.contains("") else { return groups.count == 8 && groups.allSatisfy(isHexadecimalGroup) }
        // `::` gives one empty group inside, or two at an end.
        if groups.first == "", groups.count > 2, groups[1] == "" { groups.removeFirst() }
        if groups.last == "", groups.count > 1, groups[groups.count - 2] == "" { groups.removeLast() }
        guard groups.count(where: { $0 == "" }) == 1 else { return false }
        let written = groups.filter { $0 != "" }
        return written.count <= 7 && written.allSatisfy(isHexadecimalGroup)
    }

    private static func isHexadecimalGroup(_ text: Substring) -> Bool {
        if text.first == "[", text.last == "]" {
            let parts = text.dropFirst().dropLast().split(separator: ":", omittingEmptySubsequences: false)
            guard parts.count == 2 || parts.count == 3 && isNumber(parts[2]) else { return false }
            return parts[..<2].allSatisfy { !$0.isEmpty && $0.allSatisfy(\.isHexDigit) }
        }
        return (1...4).contains(text.count) && text.allSatisfy(\.isHexDigit)
    }
}
