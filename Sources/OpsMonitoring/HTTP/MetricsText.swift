/// Reads single numbers from the Prometheus text format (prometheus.io/docs/instrumenting/exposition_formats).
enum MetricsText {
    /// The value of a metric without labels; nil if it isn't there.
    static func value(of metric: String, in text: String) -> Double? {
        for line in text.split(separator: "\n") where line.hasPrefix(metric + " ") {
            return line.split(separator: " ").dropFirst().first.flatMap { Double($0) }
        }
        return nil
    }

    /// A metric's samples with their labels.
    static func samples(of metric: String, in text: String) -> [PrometheusSample] {
        text.split(separator: "\n").filter { $0.hasPrefix(metric + "{") }.compactMap { line in
            guard let close = line.lastIndex(of: "}"), let number = line[close...].dropFirst().split(separator: " ").first,
                let value = Double(number)
            else { return nil }
            var labels: [String: String] = [:]
            for match in line[..<close].matches(of: #/(\w+)="((?:[^"\\]|\\.)*)"/#) {
                labels[String(match.1)] = String(match.2).replacing("\\\"", with: "\"").replacing("\\\\", with: "\\")
            }
            return PrometheusSample(labels: labels, value: value)
        }
    }
}
