import OpsCore

/// A template object that operators work on.
protocol ArithmeticObject: TemplateObject {
    /// nil if the operator does not work on the other value.
    func apply(_ binary: BinaryOperator, _ other: JinjaValue) throws -> JinjaValue?
}

/// A template object that can be compared with others of its kind.
protocol OrderedObject: TemplateObject {
    /// Where the object stands among those of its kind; only those of the same scale can be compared.
    var rank: (scale: String, place: Int) { get }
}

/// What `now()` and `to_datetime` give.
final class TimeObject: ArithmeticObject, OrderedObject {
    let time: CalendarTime

    init(_ time: CalendarTime) { self.time = time }

    var typeName: String { "datetime" }
    var text: String { time.iso(separator: " ") }
    var rank: (scale: String, place: Int) { (time.offset == nil ? "naive" : "aware", time.instant) }
    let attributeNames = [
        "year", "month", "day", "hour", "minute", "second", "microsecond", "date", "strftime", "isoformat", "timestamp",
        "weekday", "isoweekday",
    ]

    var representation: String {
        var fields = [time.year, time.month, time.day, time.hour, time.minute]
        if time.second != 0 || time.microsecond != 0 { fields.append(time.second) }
        if time.microsecond != 0 { fields.append(time.microsecond) }
        let zone = time.offset.map { offset in
            let duration = DurationObject(microseconds: offset * 1_000_000).representation
            return ", tzinfo=datetime.timezone" + (offset == 0 ? ".utc" : "(\(duration))")
        }
        return "datetime.datetime(\(fields.map(String.init).joined(separator: ", "))\(zone ?? ""))"
    }

    func attribute(_ name: String, _ frame: Frame) throws -> JinjaValue? {
        switch name {
        case "hour": .int(time.hour)
        case "minute": .int(time.minute)
        case "second": .int(time.second)
        case "microsecond": .int(time.microsecond)
        case "date": .method(name) { [time] _ in .object(DateObject(time)) }
        case "isoformat": .method(name) { [time] in .string(time.iso(separator: try $0.first?.printed() ?? "T")) }
        case "timestamp": .method(name) { [time] _ in .double(time.timestamp) }
        default: time.dateAttribute(name)
        }
    }

    func apply(_ binary: BinaryOperator, _ other: JinjaValue) throws -> JinjaValue? {
        guard case .object(let object) = other else { return nil }
        if binary == .subtract, let earlier = object as? TimeObject {
            guard rank.scale == earlier.rank.scale else { return nil }
            return .object(DurationObject(microseconds: time.instant - earlier.time.instant))
        }
        guard let duration = object as? DurationObject, binary == .add || binary == .subtract else { return nil }
        let moved = time.microseconds + (binary == .add ? 1 : -1) * duration.microseconds
        return .object(TimeObject(CalendarTime(microseconds: moved, offset: time.offset)))
    }
}

/// What `date()` of a point in time gives.
final class DateObject: ArithmeticObject, OrderedObject {
    private let time: CalendarTime

    init(_ time: CalendarTime) {
        self.time = CalendarTime(microseconds: time.microseconds - time.microseconds.remainder(DurationObject.day))
    }

    var typeName: String { "date" }
    var text: String { (try? time.formatted("%Y-%m-%d")) ?? "" }
    var representation: String { "datetime.date(\(time.year), \(time.month), \(time.day))" }
    var rank: (scale: String, place: Int) { ("date", time.microseconds) }
    let attributeNames = ["year", "month", "day", "strftime", "isoformat", "weekday", "isoweekday"]

    func attribute(_ name: String, _ frame: Frame) throws -> JinjaValue? {
        name == "isoformat" ? .method(name) { [text] _ in .string(text) } : time.dateAttribute(name)
    }

    func apply(_ binary: BinaryOperator, _ other: JinjaValue) throws -> JinjaValue? {
        guard case .object(let object) = other else { return nil }
        if binary == .subtract, let earlier = object as? DateObject {
            return .object(DurationObject(microseconds: time.microseconds - earlier.time.microseconds))
        }
        guard let duration = object as? DurationObject, binary == .add || binary == .subtract else { return nil }
        let moved = time.microseconds + (binary == .add ? 1 : -1) * duration.days * DurationObject.day
        return .object(DateObject(CalendarTime(microseconds: moved)))
    }
}

/// The difference of two points in time.
final class DurationObject: OrderedObject {
    let microseconds: Int

    init(microseconds: Int) { self.microseconds = microseconds }

    static let day = 86_400_000_000
    var days: Int { (microseconds - rest) / DurationObject.day }
    private var rest: Int { microseconds.remainder(DurationObject.day) }
    private var seconds: Int { rest / 1_000_000 }
    private var fraction: Int { rest % 1_000_000 }

    var typeName: String { "timedelta" }
    var rank: (scale: String, place: Int) { ("duration", microseconds) }
    var text: String {
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        let clock = "\(seconds / 3600):\(two(seconds / 60 % 60)):\(two(seconds % 60))"
        let digits = String(fraction)
        let tail = fraction == 0 ? "" : "." + String(repeating: "0", count: 6 - digits.count) + digits
        return (days == 0 ? "" : "\(days) day\(abs(days) == 1 ? "" : "s"), ") + clock + tail
    }
    var representation: String {
        let parts = [("days", days), ("seconds", seconds), ("microseconds", fraction)].filter { $0.1 != 0 }
        return "datetime.timedelta(\(parts.isEmpty ? "0" : parts.map { "\($0)=\($1)" }.joined(separator: ", ")))"
    }
    let attributeNames = ["days", "seconds", "microseconds", "total_seconds"]

    func attribute(_ name: String, _ frame: Frame) throws -> JinjaValue? {
        switch name {
        case "days": .int(days)
        case "seconds": .int(seconds)
        case "microseconds": .int(fraction)
        case "total_seconds": .method(name) { [microseconds] _ in .double(Double(microseconds) / 1e6) }
        default: nil
        }
    }
}

extension CalendarTime {
    /// What dates and points in time have in common.
    fileprivate func dateAttribute(_ name: String) -> JinjaValue? {
        switch name {
        case "year": .int(year)
        case "month": .int(month)
        case "day": .int(day)
        case "weekday": .method(name) { _ in .int(weekday) }
        case "isoweekday": .method(name) { _ in .int(weekday + 1) }
        case "strftime": .method(name) { .string(try formattedWithOwnZone($0.first?.printed() ?? "")) }
        default: nil
        }
    }
}

extension JinjaValue {
    /// A method of a template object, which gets the positional arguments.
    fileprivate static func method(_ name: String, _ body: @escaping ([JinjaValue]) throws -> JinjaValue) -> JinjaValue {
        .callable(Callable(name, typeName: "method") { arguments, _ in try body(arguments.positional) })
    }
}

extension Int {
    /// What is left of a division that rounds down; never negative for a positive divisor.
    fileprivate func remainder(_ divisor: Int) -> Int {
        let remainder = self % divisor
        return remainder < 0 ? remainder + divisor : remainder
    }
}
