/// Reads single numbers from the Prometheus text format (prometheus.io/docs/instrumenting/exposition_formats).
enum MetricsText {
    /// The value of a metric without labels; nil if it isn't there.
    static func value(of metric: String, in text: String) -> Double? {
        for line in text.split(separator: "\n") where line.hasPrefix(metric + " ") {
            return line.split(separator: " ").dropFirst().first.flatMap { Double($0) }
        }
        return nil
    }

    /// The sums of a metric's samples by the value of one of its labels.
    static func sums(of metric: String, by label: String, in text: String) -> [String: Double] {
        var sums: [String: Double] = [:]
        for line in text.split(separator: "\n") where line.hasPrefix(metric + "{") {
            guard let close = line.lastIndex(of: "}"), let start = line.firstRange(of: "\(label)=\""),
                let number = Double(line[close...].dropFirst().split(separator: " ").first ?? "")
            else { continue }
            sums[String(line[start.upperBound...].prefix { $0 != "\"" }), default: 0] += number
        }
        return sums
    }
}
