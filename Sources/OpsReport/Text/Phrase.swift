import OpsCore

/// Small pieces of English that several outputs share.
public enum Phrase {
    /// `1 host`, `2 hosts`.
    public static func count(_ number: Int, _ noun: String, plural: String? = nil) -> String {
        number == 1 ? "1 \(noun)" : "\(number) \(plural ?? noun + "s")"
    }

    /// `340 ms`, `2.1 s`, `3 min 5 s`. Hostile or broken numbers count as nothing.
    static func time(_ seconds: Double) -> String {
        guard seconds.isFinite, seconds >= 0, seconds < 1e9 else { return "0 ms" }
        return Duration.seconds(seconds).brief
    }

    /// `4 s`, `3 min 5 s`: for what goes on while it's read.
    static func elapsed(_ duration: Duration) -> String {
        let whole = max(0, Int(duration.seconds))
        return whole < 60 ? "\(whole) s" : "\(whole / 60) min \(whole % 60) s"
    }

    /// `a`, `a and b`, `a, b and c`.
    static func list(_ words: [String]) -> String {
        guard let last = words.last, words.count > 1 else { return words.first ?? "" }
        return words.dropLast().joined(separator: ", ") + " and " + last
    }

    /// `mon1, mon2`, or `mon1, mon2, mon3 and 9 more`.
    static func names(_ names: [String], limit: Int = 5) -> String {
        guard names.count > limit else { return names.joined(separator: ", ") }
        return names.prefix(limit - 1).joined(separator: ", ") + " and \(names.count - limit + 1) more"
    }
}
