/// Timestamps of YAML 1.1 in the form that Python's `isoformat` gives.
enum YAMLTimestamp {
    /// `2001-12-14t21:59:43.1 -5` becomes `2001-12-14T21:59:43.100000-05:00`; nil if the text is no timestamp.
    static func normalized(_ text: String) -> String? {
        // Most numbers are no dates: the pattern is tried only after a look at the fifth character.
        guard text.utf8.dropFirst(4).first == UInt8(ascii: "-"), text.utf8.count <= 40 else { return nil }
        if text.wholeMatch(of: /[0-9]{4}-[0-9]{2}-[0-9]{2}/) != nil { return isDate(text) ? text : nil }
        let pattern =
            #/
            ([0-9]{4}-[0-9]{1,2}-[0-9]{1,2}) (?: [Tt] | [\ \t]+ )
            ([0-9]{1,2}) : ([0-9]{2}) : ([0-9]{2}) (?: \. ([0-9]*) )?
            (?: [\ \t]* ( Z | [-+] [0-9]{1,2} (?: : [0-9]{2} )? ) )?
            /#
        guard let match = text.wholeMatch(of: pattern) else { return nil }
        let (_, date, hour, minute, second, fraction, zone) = match.output
        let day = date.split(separator: "-").map { twoDigits($0) }.joined(separator: "-")
        guard isDate(day) else { return nil }
        var result = "\(day)T\(twoDigits(hour)):\(minute):\(second)"
        let micros = ((fraction ?? "") + "000000").prefix(6)
        if micros != "000000" { result += "." + micros }
        return result + (zone.map(offset) ?? "")
    }

    private static func isDate(_ text: String) -> Bool {
        let parts = text.split(separator: "-").compactMap { Int($0) }
        return parts.count == 3 && (1...12).contains(parts[1]) && (1...31).contains(parts[2])
    }

    private static func twoDigits(_ text: Substring) -> String { text.count == 1 ? "0" + text : String(text) }

    private static func offset(_ zone: Substring) -> String {
        guard zone != "Z" else { return "+00:00" }
        let parts = zone.dropFirst().split(separator: ":")
        return "\(zone.prefix(1))\(twoDigits(parts[0])):\(parts.count > 1 ? parts[1] : "00")"
    }
}
