/// A page of metrics as a program serves it: Prometheus' text format, or OpenMetrics
/// (prometheus.io/docs/instrumenting/exposition_formats, prometheus.io/docs/specs/om/open_metrics_spec).
struct MetricsPage {
    /// What Prometheus would refuse the page for.
    struct Mistake: Error {
        /// From 1.
        var line: Int
        var text: String
    }

    /// Of samples, and of families that are announced: one with labels has no sample before its first event.
    private var names: Set<String> = []

    /// - Parameter isOpenMetrics: which has to say where it ends.
    init(parsing text: String, isOpenMetrics: Bool) throws(Mistake) {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        for (index, line) in lines.enumerated() {
            if line.hasPrefix("#") {
                let words = line.split(separator: " ", maxSplits: 3)
                if words.count > 2, ["HELP", "TYPE"].contains(words[1]) { names.insert(String(words[2])) }
            } else if line.contains(where: { !$0.isWhitespace }) {
                guard let name = SampleLine.name(line) else { throw Mistake(line: index + 1, text: String(line)) }
                names.insert(name)
            }
        }
        if isOpenMetrics, lines.last(where: { !$0.isEmpty }) != "# EOF" {
            throw Mistake(line: lines.count, text: "the end, which is not '# EOF'")
        }
    }

    /// Whether there is a metric of that name; of histograms and summaries the name without what their parts add.
    func has(_ metric: String) -> Bool {
        // OpenMetrics announces a counter without the end of its samples' names.
        let family = metric.hasSuffix("_total") ? String(metric.dropLast("_total".count)) : metric
        return [metric, family, metric + "_bucket", metric + "_count"].contains(where: names.contains)
    }
}

/// `name{label="value"} 1.5 1700000000`, read from its beginning on. Each function takes what it reads, or gives nil.
private struct SampleLine {
    private var rest: Substring.UTF8View

    /// The metric's name; nil if the line is no sample.
    static func name(_ line: Substring) -> String? {
        var line = SampleLine(rest: line.utf8)
        let bare = line.word()
        let quoted = line.take("{") ? line.labels() : ""
        guard let quoted, let name = bare ?? (quoted.isEmpty ? nil : quoted), line.hasValue else { return nil }
        return name
    }

    /// Letters, digits, `_` and `:`, no digit at first; nil if there is none.
    private mutating func word() -> String? {
        skipBlanks()
        let word = rest.prefix { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
                UInt8(ascii: "_"), UInt8(ascii: ":"): true
            default: false
            }
        }
        guard let first = word.first, !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first) else { return nil }
        rest = rest.dropFirst(word.count)
        return String(Substring(word))
    }

    private mutating func skipBlanks() { rest = rest.drop { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") } }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        skipBlanks()
        guard rest.first == UInt8(ascii: character) else { return false }
        rest = rest.dropFirst()
        return true
    }

    /// Labels and the closing brace. A name that is more than a word stands in quotes among them, and is given.
    private mutating func labels() -> String? {
        var name = ""
        while !take("}") {
            if let quoted = quoted() {
                if take("=") { guard self.quoted() != nil else { return nil } } else { name = quoted }
            } else {
                guard word() != nil, take("="), quoted() != nil else { return nil }
            }
            guard take(",") || rest.first == UInt8(ascii: "}") else { return nil }
        }
        return name
    }

    private mutating func quoted() -> String? {
        guard take("\"") else { return nil }
        let start = rest.startIndex
        var isEscaped = false
        guard let end = rest.firstIndex(where: { byte in
            if byte == UInt8(ascii: "\""), !isEscaped { return true }
            isEscaped = byte == UInt8(ascii: "\\") && !isEscaped
            return false
        }) else { return nil }
        defer { rest = rest[rest.index(after: end)...] }
        return String(Substring(rest[start..<end]))
    }

    /// A number, and perhaps a time; an exemplar may follow in OpenMetrics.
    private var hasValue: Bool {
        let words = Substring(rest).split(separator: "#", maxSplits: 1).first?.split { $0 == " " || $0 == "\t" || $0 == "\r" } ?? []
        return (1...2).contains(words.count) && words.allSatisfy { Double($0) != nil }
    }
}
