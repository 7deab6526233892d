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

    /// - Parameter seconds: since 1970-01-01 UTC.
    init(seconds: Double, isUTC: Bool) throws {
        guard seconds.magnitude < 2e11 else { throw Diagnostic(code: "template-value", "the time is out of range") }
        var time = time_t(seconds.rounded(.down))
        fields = tm()
        if isUTC { gmtime_r(&time, &fields) } else { localtime_r(&time, &fields) }
        microsecond = Int(((seconds - seconds.rounded(.down)) * 1e6).rounded(.down))
    }

    init(microseconds: Int) {
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
        self.init(microseconds: Int(timegm(&fields)) * 1_000_000 + parsed.microsecond)
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

    /// Since 1970-01-01, as if the time were UTC.
    var microseconds: Int {
        var copy = fields
        return Int(timegm(&copy)) * 1_000_000 + microsecond
    }

    /// Seconds since 1970-01-01 UTC, taking the time for local time.
    var localTimestamp: Double {
        var copy = fields
        copy.tm_isdst = -1
        return Double(mktime(&copy)) + Double(microsecond) / 1e6
    }

    func iso(separator: String) -> String {
        let text = (try? formatted("%Y-%m-%d\(separator.replacingText("%", with: "%%"))%H:%M:%S")) ?? ""
        return microsecond == 0 ? text : text + "." + microsecondDigits
    }

    private var microsecondDigits: String {
        let digits = String(microsecond)
        return String(repeating: "0", count: 6 - digits.count) + digits
    }

    func formatted(_ format: String) throws -> String {
        if format.isEmpty { return "" }
        guard format.utf8.count < 10_000 else {
            throw Diagnostic(code: "template-value", "the time format is too long")
        }
        var copy = fields
        // One more character tells an empty result from a buffer that is too small.
        let marked = format.replacingText("%f", with: microsecondDigits) + "."
        var buffer = [CChar](repeating: 0, count: marked.utf8.count * 64 + 64)
        let count = strftime(&buffer, buffer.count, marked, &copy)
        return String(decoding: buffer[..<max(0, count - 1)].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
