#if canImport(Darwin)
import Darwin
#elseif canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif
import OpsCore

/// A date and time of day, formatted and read as C's `strftime` and `strptime` do.
struct CalendarTime {
    private var fields: tm
    let microsecond: Int
    /// Seconds ahead of UTC; nil for a time without a time zone.
    let offset: Int?

    /// - Parameter seconds: since 1970-01-01 UTC.
    init(seconds: Double, isUTC: Bool) throws {
        guard seconds.magnitude < 2e11 else { throw Diagnostic(code: "template-value", "the time is out of range") }
        var time = time_t(seconds.rounded(.down))
        fields = tm()
        if isUTC { gmtime_r(&time, &fields) } else { localtime_r(&time, &fields) }
        offset = nil
        microsecond = Int(((seconds - seconds.rounded(.down)) * 1e6).rounded(.down))
    }

    init(microseconds: Int, offset: Int? = nil) {
        self.offset = offset
        let seconds = Int((Double(microseconds) / 1e6).rounded(.down))
        var time = time_t(seconds)
        fields = tm()
        gmtime_r(&time, &fields)
        microsecond = microseconds - seconds * 1_000_000
    }

    /// nil if the text does not match the format.
    init?(parsing text: String, format: String) {
        guard let parsed = TimeParser.parse(text, format: format) else { return nil }
        var fields = tm()
        fields.tm_year = Int32(parsed.year - 1900)
        fields.tm_mon = Int32(parsed.month - 1)
        fields.tm_mday = Int32(parsed.day)
        (fields.tm_hour, fields.tm_min, fields.tm_sec) = (
            Int32(parsed.hour), Int32(parsed.minute), Int32(parsed.second)
        )
        self.init(microseconds: Int(timegm(&fields)) * 1_000_000 + parsed.microsecond, offset: parsed.offset)
        guard day == parsed.day else { return nil }
    }

    var year: Int { Int(fields.tm_year) + 1900 }
    var month: Int { Int(fields.tm_mon) + 1 }
    var day: Int { Int(fields.tm_mday) }
    var hour: Int { Int(fields.tm_hour) }
    var minute: Int { Int(fields.tm_min) }
    var second: Int { Int(fields.tm_sec) }
    /// Monday is 0.
    var weekday: Int { (Int(fields.tm_wday) + 6) % 7 }

    /// Since 1970-01-01, on the clock of the time's own zone.
    var microseconds: Int {
        var copy = fields
        return Int(timegm(&copy)) * 1_000_000 + microsecond
    }

    /// Since 1970-01-01 UTC, if the time has a zone, and as if it were UTC otherwise.
    var instant: Int { microseconds - (offset ?? 0) * 1_000_000 }

    /// Seconds since 1970-01-01 UTC; a time without a zone is taken for local time.
    var timestamp: Double {
        if offset != nil { return Double(instant) / 1e6 }
        var copy = fields
        copy.tm_isdst = -1
        return Double(mktime(&copy)) + Double(microsecond) / 1e6
    }

    func iso(separator: String) -> String {
        let text = (try? formatted("%Y-%m-%d\(separator.replacingText("%", with: "%%"))%H:%M:%S")) ?? ""
        return (microsecond == 0 ? text : text + "." + microsecondDigits) + zone(separator: ":")
    }

    /// `+0200`, `+02:00`; nothing without a time zone.
    private func zone(separator: String) -> String {
        guard let offset else { return "" }
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        let (distance, seconds) = (abs(offset), abs(offset) % 60)
        return (offset < 0 ? "-" : "+") + two(distance / 3600) + separator + two(distance / 60 % 60)
            + (seconds == 0 ? "" : separator + two(seconds))
    }

    private var zoneName: String {
        guard let offset else { return "" }
        return offset == 0 ? "UTC" : "UTC" + zone(separator: ":")
    }

    /// As `datetime.strftime` formats it, to which the time's own zone is the only one.
    func formattedWithOwnZone(_ format: String) throws -> String {
        try formatted(format, ["z": zone(separator: ""), "Z": zoneName])
    }

    private var microsecondDigits: String {
        let digits = String(microsecond)
        return String(repeating: "0", count: 6 - digits.count) + digits
    }

    /// - Parameter own: what stands for directives instead of what C's `strftime` makes of them.
    func formatted(_ format: String, _ own: [Character: String] = [:]) throws -> String {
        if format.isEmpty { return "" }
        guard format.utf8.count < 10_000 else {
            throw Diagnostic(code: "template-value", "the time format is too long")
        }
        var copy = fields
        // One more character tells an empty result from a buffer that is too small.
        let marked = CalendarTime.replacing(own.merging(["f": microsecondDigits]) { $1 }, in: format) + "."
        var buffer = [CChar](repeating: 0, count: marked.utf8.count * 64 + 64)
        let count = strftime(&buffer, buffer.count, marked, &copy)
        return String(decoding: buffer[..<max(0, count - 1)].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    private static func replacing(_ directives: [Character: String], in format: String) -> String {
        var result = ""
        var rest = format[...]
        while let character = rest.popFirst() {
            guard character == "%", let kind = rest.popFirst() else { result.append(character); continue }
            result += directives[kind].map { $0.replacingText("%", with: "%%") } ?? "%\(kind)"
        }
        return result
    }
}
