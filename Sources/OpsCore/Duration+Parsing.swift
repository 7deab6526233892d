extension Duration {
    /// Reads `90`, `2.5` (seconds), `500ms`, `30s`, `5m`, `1h30m`, `7d`, `2w`.
    ///
    /// Units go from large to small as in Prometheus' durations; a bare number is seconds as in Ansible.
    /// Nil for anything else, negative numbers included.
    public init?(parsing text: String) {
        if let seconds = Double(text), seconds >= 0, seconds <= 1e9 {
            self = .milliseconds(Int64((seconds * 1000).rounded()))
            return
        }
        var total: Int64 = 0
        var rest = Substring(text)
        var smallest = Int64.max
        while !rest.isEmpty {
            let digits = rest.prefix { $0.isASCII && $0.isNumber }
            guard let count = Int64(digits), count <= 1_000_000_000 else { return nil }
            rest = rest.dropFirst(digits.count)
            let unit = rest.prefix { $0.isLetter }
            guard let size = Self.unitMilliseconds[String(unit)], size < smallest else { return nil }
            rest = rest.dropFirst(unit.count)
            smallest = size
            let (sum, overflow) = total.addingReportingOverflow(count * size)
            if overflow { return nil }
            total = sum
        }
        guard smallest != .max else { return nil }
        self = .milliseconds(total)
    }

    private static let unitMilliseconds: [String: Int64] = [
        "ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000, "w": 604_800_000,
    ]

    /// The length in seconds.
    public var seconds: Double {
        Double(components.seconds) + Double(components.attoseconds) * 1e-18
    }

    /// For people: `340 ms`, `2.1 s`, `3 min 5 s`, `2 h 10 min`, `3 d 4 h`.
    public var brief: String {
        let milliseconds = Int((min(max(seconds, 0), 1e12) * 1000).rounded())
        if milliseconds < 1000 { return "\(milliseconds) ms" }
        let tenths = (milliseconds + 50) / 100
        if tenths < 600 { return "\(tenths / 10).\(tenths % 10) s" }
        let whole = (milliseconds + 500) / 1000
        switch whole {
        case ..<3600: return "\(whole / 60) min \(whole % 60) s"
        case ..<86_400: return "\(whole / 3600) h \(whole / 60 % 60) min"
        default: return "\(whole / 86_400) d \(whole / 3600 % 24) h"
        }
    }
}
