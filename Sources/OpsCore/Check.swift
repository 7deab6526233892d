/// One verified fact: what was looked at, what it should be, what it was.
///
/// Text, JSON, JUnit and the Prometheus textfile are all made from a list of these.
public struct Check: Hashable, Sendable, Codable {
    public enum Status: String, Sendable, Codable {
        case pass, fail
        /// Not asked for, or not applicable here.
        case skip
        /// Could not be found out.
        case unknown
    }

    /// What was looked at, such as `prometheus` or `target node-exporter 10.77.0.12:9100`.
    public var resource: String
    /// Which side of it, such as `health`, `target up`, `retention`.
    public var property: String
    public var expected: String
    public var actual: String
    public var status: Status
    /// Seconds spent on this check, retries included.
    public var seconds: Double
    /// More lines that explain a failure: last error, container state, log lines. Bounded by who makes them.
    public var details: [String]

    public init(
        resource: String, property: String, expected: String, actual: String, status: Status,
        seconds: Double = 0, details: [String] = []
    ) {
        self.resource = resource
        self.property = property
        self.expected = expected
        self.actual = actual
        self.status = status
        self.seconds = seconds
        self.details = details
    }
}
