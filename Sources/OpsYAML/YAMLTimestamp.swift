/// Timestamps of YAML 1.1 in the form that Python's `isoformat` gives.
enum YAMLTimestamp {
    /// A day or an hour that doesn't exist.
    struct Impossible: Error {}

    /// `2001-12-14t21:59:43.1 -5` becomes `2001-12-14T21:59:43.100000-05:00`; nil if the text is no timestamp.
    static func normalized(_ text: String) throws(Impossible) -> String? {
        // Most numbers are no dates: the pattern is tried only after a look at the fifth character.
        guard text.utf8.dropFirst(4).first == UInt8(ascii: "-"), text.utf8.count <= 40 else { return nil }
        if text.wholeMatch(of: /[0-9]{4}-[0-9]{2}-[0-9]{2}/) != nil {
            try checkDate(text)
            return text
        }
        let pattern =
            #/
            ([0-9]{4}-[0-9]{1,2}-[0-9]{1,2}) (?: [Tt] | [\ \t]+ )
            ([0-9]{1,2}) : ([0-9]{2}) : ([0-9]{2}) (?: \. ([0-9]*) )?
            (?: [\ \t]* ( Z | [-+] [0-9]{1,2} (?: : [0-9]{2} )? ) )?
            /#
        guard let match = text.wholeMatch(of: pattern) else { return nil }
        let (_, date, hour, minute, second, fraction, zone) = match.output
        let day = date.split(separator: "-").map { twoDigits($0) }.joined(separator: "-")
        try checkDate(day)
        try checkTime([hour, minute, second].compactMap { Int($0) }, zone: zone)
        var result = "\(day)T\(twoDigits(hour)):\(minute):\(second)"
        let micros = ((fraction ?? "") + "000000").prefix(6)
        if micros != "000000" { result += "." + micros }
        return result + (zone.map(offset) ?? "")
    }

    private static func checkDate(_ text: String) throws(Impossible) {
        let parts = text.split(separator: "-").compactMap { Int($0) }
        guard parts.count == 3, parts[0] > 0, (1...12).contains(parts[1]) else { throw Impossible() }
        let isLeap = parts[0] % 4 == 0 && parts[0] % 100 != 0 || parts[0] % 400 == 0
        let days = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
        guard (1...days[parts[1] - 1]).contains(parts[2]) else { throw Impossible() }
    }

    private static func checkTime(_ parts: [Int], zone: Substring?) throws(Impossible) {
        let offset = (zone ?? "").dropFirst().split(separator: ":").compactMap { Int($0) }
        let minutes = (offset.first ?? 0) * 60 + (offset.count > 1 ? offset[1] : 0)
        guard parts.count == 3, parts[0] < 24, parts[1] < 60, parts[2] < 60, minutes < 24 * 60 else { throw Impossible() }
    }

    private static func twoDigits(_ text: Substring) -> String { text.count == 1 ? "0" + text : String(text) }

    private static func offset(_ zone: Substring) -> String {
        guard zone != "Z" else { return "+00:00" }
        let parts = zone.dropFirst().split(separator: ":")
        return "\(zone.prefix(1))\(twoDigits(parts[0])):\(parts.count > 1 ? parts[1] : "00")"
    }
}
