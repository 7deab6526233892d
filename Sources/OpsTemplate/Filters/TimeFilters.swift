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
