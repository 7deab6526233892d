/// Reads dates and times by a format, as Python's `strptime` with English names.
struct TimeParser {
    private(set) var year = 1900
    private(set) var month = 1
    private(set) var day = 1
    private(set) var hour = 0
    private(set) var minute = 0
    private(set) var second = 0
    private(set) var microsecond = 0
    /// Seconds ahead of UTC, if the text has a time zone.
    private(set) var offset: Int?
    private var isAfternoon: Bool?
    private var rest: Substring

    private static let months = [
        "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
        "december",
    ]
    private static let days = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]

    /// nil if the text does not match.
    static func parse(_ text: String, format: String) -> TimeParser? {
        var parser = TimeParser(rest: text[...])
        guard parser.read(format[...]), parser.rest.isEmpty else { return nil }
        if let isAfternoon = parser.isAfternoon { parser.hour = parser.hour % 12 + (isAfternoon ? 12 : 0) }
        return parser
    }

    private init(rest: Substring) { self.rest = rest }

    private mutating func read(_ format: Substring) -> Bool {
        var format = format
        while let character = format.popFirst() {
            if character == "%", let directive = format.popFirst() {
                guard read(directive) else { return false }
            } else if character.isWhitespace {
                rest = rest.drop { $0.isWhitespace }
            } else {
                guard rest.popFirst() == character else { return false }
            }
        }
        return true
    }

    private mutating func read(_ directive: Character) -> Bool {
        switch directive {
        case "Y": return number(4, 1...9999, into: \.year)
        case "m": return number(2, 1...12, into: \.month)
        case "d", "e": return number(2, 1...31, into: \.day)
        case "H": return number(2, 0...23, into: \.hour)
        case "I": return number(2, 1...12, into: \.hour)
        case "M": return number(2, 0...59, into: \.minute)
        case "S": return number(2, 0...61, into: \.second)
        case "y":
            guard number(2, 0...99, into: \.year) else { return false }
            year += year < 69 ? 2000 : 1900
            return true
        case "f":
            let digits = rest.prefix(6).prefix { $0.isASCII && $0.isNumber }
            guard !digits.isEmpty else { return false }
            rest = rest.dropFirst(digits.count)
            microsecond = Int(digits + String(repeating: "0", count: 6 - digits.count)) ?? 0
            return true
        case "b", "B", "h":
            guard let index = name(TimeParser.months) else { return false }
            month = index + 1
            return true
        case "a", "A": return name(TimeParser.days) != nil
        case "p":
            guard let index = name(["am", "pm"]) else { return false }
            isAfternoon = index == 1
            return true
        case "z": return zone()
        case "F": return read("%Y-%m-%d")
        case "T": return read("%H:%M:%S")
        case "D": return read("%m/%d/%y")
        case "R": return read("%H:%M")
        case "%": return rest.popFirst() == "%"
        default: return false
        }
    }

    private mutating func number(_ width: Int, _ range: ClosedRange<Int>, into path: WritableKeyPath<TimeParser, Int>)
        -> Bool
    {
        let digits = rest.prefix(width).prefix { $0.isASCII && $0.isNumber }
        guard let number = Int(digits), range.contains(number) else { return false }
        rest = rest.dropFirst(digits.count)
        self[keyPath: path] = number
        return true
    }

    /// `Z`, or hours and minutes, maybe seconds, as in `+0200` and `-03:30`.
    private mutating func zone() -> Bool {
        if rest.first == "Z" {
            rest.removeFirst()
            offset = 0
            return true
        }
        guard let sign = rest.popFirst(), sign == "+" || sign == "-", let hours = twoDigits() else { return false }
        let hasColons = rest.first == ":"
        if hasColons { rest.removeFirst() }
        guard let minutes = twoDigits(), minutes < 60 else { return false }
        var seconds = 0
        if !hasColons || rest.first == ":" {
            let before = rest
            if hasColons { rest.removeFirst() }
            if let found = twoDigits(), found < 60 { seconds = found } else { rest = before }
        }
        offset = (sign == "-" ? -1 : 1) * (hours * 3600 + minutes * 60 + seconds)
        return hours < 24
    }

    private mutating func twoDigits() -> Int? {
        let digits = rest.prefix(2).prefix { $0.isASCII && $0.isNumber }
        guard digits.count == 2 else { return nil }
        rest = rest.dropFirst(2)
        return Int(digits)
    }

    /// The position of the name that the text goes on with, in full or by its first three letters.
    private mutating func name(_ names: [String]) -> Int? {
        let lowered = rest.lowercased()
        for (index, name) in names.enumerated() {
            for form in [name, String(name.prefix(3))] where lowered.hasPrefix(form) {
                rest = rest.dropFirst(form.count)
                return index
            }
        }
        return nil
    }
}
