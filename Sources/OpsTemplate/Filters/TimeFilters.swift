import OpsCore

extension FunctionTable {
    static let timeFilters: [FunctionDefinition] = [
        FunctionDefinition("strftime", "second? utc?") { call in
            var seconds = call.frame.environment.clock()
            if let given = call.given(0) {
                guard let number = try given.number ?? PythonNumber.parseFloat(given.printed()) else {
                    throw call.fail("the time must be a number of seconds")
                }
                seconds = number
            }
            return .string(try CalendarTime(seconds: seconds, isUTC: call.bool(1)).formatted(call.subjectPrinted()))
        },
        FunctionDefinition("to_datetime", "format?") { call in
            let format = try call.string(0, default: "%Y-%m-%d %H:%M:%S")
            guard let time = CalendarTime(parsing: try call.subjectPrinted(), format: format) else {
                throw call.fail("the text does not match the format '\(format)'")
            }
            return .object(TimeObject(time))
        },
    ]

    static let timeFunctions: [FunctionDefinition] = [
        FunctionDefinition("now", "utc? fmt?") { call in
            let time = try CalendarTime(seconds: call.frame.environment.clock(), isUTC: call.bool(0))
            guard let format = call.given(1) else { return .object(TimeObject(time)) }
            return .string(try time.formatted(try format.printed()))
        },
    ]
}

/// A point in time without a time zone, as `now()` and `to_datetime` give it.
final class TimeObject: TemplateObject, ArithmeticObject {
    let time: CalendarTime

    init(_ time: CalendarTime) { self.time = time }

    var typeName: String { "datetime" }
    var text: String { time.iso(separator: " ") }
    let attributeNames = [
        "year", "month", "day", "hour", "minute", "second", "microsecond", "strftime", "isoformat", "timestamp",
        "weekday",
    ]

    func attribute(_ name: String, _ frame: Frame) throws -> JinjaValue? {
        switch name {
        case "year": .int(time.year)
        case "month": .int(time.month)
        case "day": .int(time.day)
        case "hour": .int(time.hour)
        case "minute": .int(time.minute)
        case "second": .int(time.second)
        case "microsecond": .int(time.microsecond)
        case "strftime":
            .callable(
                Callable("strftime") { [time] arguments, _ in
                    .string(try time.formatted(arguments.positional.first?.printed() ?? ""))
                })
        case "isoformat":
            .callable(
                Callable("isoformat") { [time] arguments, _ in
                    .string(time.iso(separator: try arguments.positional.first?.printed() ?? "T"))
                })
        case "timestamp": .callable(Callable("timestamp") { [time] _, _ in .double(time.localTimestamp) })
        case "weekday": .callable(Callable("weekday") { [time] _, _ in .int(time.weekday) })
        default: nil
        }
    }

    func apply(_ binary: BinaryOperator, _ other: JinjaValue) throws -> JinjaValue? {
        guard case .object(let object) = other else { return nil }
        if binary == .subtract, let earlier = object as? TimeObject {
            return .object(DurationObject(microseconds: time.microseconds - earlier.time.microseconds))
        }
        guard let duration = object as? DurationObject, binary == .add || binary == .subtract else { return nil }
        return .object(
            TimeObject(
                CalendarTime(microseconds: time.microseconds + (binary == .add ? 1 : -1) * duration.microseconds)))
    }
}

/// The difference of two points in time.
final class DurationObject: TemplateObject {
    let microseconds: Int

    init(microseconds: Int) { self.microseconds = microseconds }

    private static let day = 86_400_000_000
    private var days: Int { Int((Double(microseconds) / Double(DurationObject.day)).rounded(.down)) }
    private var rest: Int { microseconds - days * DurationObject.day }

    var typeName: String { "timedelta" }
    var text: String {
        let (seconds, fraction) = (rest / 1_000_000, rest % 1_000_000)
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        let clock = "\(seconds / 3600):\(two(seconds / 60 % 60)):\(two(seconds % 60))"
        let digits = String(fraction)
        let tail = fraction == 0 ? "" : "." + String(repeating: "0", count: 6 - digits.count) + digits
        return (days == 0 ? "" : "\(days) day\(abs(days) == 1 ? "" : "s"), ") + clock + tail
    }
    let attributeNames = ["days", "seconds", "microseconds", "total_seconds"]

    func attribute(_ name: String, _ frame: Frame) throws -> JinjaValue? {
        switch name {
        case "days": .int(days)
        case "seconds": .int(rest / 1_000_000)
        case "microseconds": .int(rest % 1_000_000)
        case "total_seconds":
            .callable(Callable("total_seconds") { [microseconds] _, _ in .double(Double(microseconds) / 1e6) })
        default: nil
        }
    }
}

/// A template object that operators work on.
protocol ArithmeticObject: TemplateObject {
    /// nil if the operator does not work on the other value.
    func apply(_ binary: BinaryOperator, _ other: JinjaValue) throws -> JinjaValue?
}
