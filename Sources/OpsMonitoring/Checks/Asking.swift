import OpsCore

extension Check {
    /// Asking again would change nothing.
    var isSettled: Bool { status == .pass || status == .skip }

    /// A check that compares.
    init(
        _ resource: String, _ property: String, expected: String, actual: String, passes: Bool, details: [String] = []
    ) {
        self.init(
            resource: resource, property: property, expected: expected, actual: actual,
            status: passes ? .pass : .fail, details: details)
    }

    /// A check that could not be made.
    init(_ resource: String, _ property: String, expected: String, error: any Error) {
        self.init(
            resource: resource, property: property, expected: expected, actual: Self.words(error), status: .fail)
    }

    /// A check that was not even tried, because something before it went wrong.
    public static func unknown(_ resource: String, _ property: String, expected: String, because reason: String) -> Check {
        Check(resource: resource, property: property, expected: expected, actual: reason, status: .unknown)
    }

    /// The same check as one that was not tried.
    func unknown(because reason: String) -> Check { .unknown(resource, property, expected: expected, because: reason) }

    private static func words(_ error: any Error) -> String {
        switch error {
        case let error as HTTPError: error.brief
        case let error as APIError: error.brief
        case let error as Diagnostic: error.message
        default: "\(error)"
        }
    }
}

/// What a check is about, before anybody has looked.
typealias CheckSubject = (resource: String, property: String, expected: String)

/// Asks for something and makes checks of it; when there is no answer, of why there is none.
///
/// An interruption and a lost session are no findings about the service: they are thrown.
/// - Parameter others: checks that the answer would have told beside the first; without one they are unknown.
func checking<T>(
    _ resource: String, _ property: String, expected: String, others: [CheckSubject] = [],
    _ ask: () async throws -> T, _ judge: (T) -> [Check]
) async throws -> [Check] {
    do {
        return judge(try await ask())
    } catch HTTPError.cancelled {
        throw CancellationError()
    } catch let error where error is HTTPError || error is APIError {
        let first = Check(resource, property, expected: expected, error: error)
        return [first] + others.map { .unknown($0.resource, $0.property, expected: $0.expected, because: first.actual) }
    }
}
