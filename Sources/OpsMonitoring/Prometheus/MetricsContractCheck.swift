import OpsCore
import OpsTransport

/// What a target exports is what Prometheus 3 takes and the rules and dashboards ask for.
///
/// Prometheus itself tells less: older ones read any content type, and nobody misses a metric that never was there.
public struct MetricsContractCheck: Sendable {
    private let target: TargetsCheck.Target
    private let metrics: [String]

    /// What Prometheus 3 takes (model/textparse/interface.go); it would also take protocol buffers, which it has to ask for.
    private static let types = ["text/plain", openMetrics]
    private static let openMetrics = "application/openmetrics-text"
    /// As the shipped configuration limits a scrape.
    private static let mostBytes = 10 << 20

    /// - Parameter metrics: names that must be there.
    public init(target: TargetsCheck.Target, metrics: [String]) {
        self.target = target
        self.metrics = metrics
    }

    private var resource: String { "target \(target)" }
    private var expected: String { "\(these) that Prometheus can read" }
    private var these: String { metrics.isEmpty ? "metrics" : "\(metrics.count) metrics" }

    /// Asks once, as Prometheus would, at the address where it scrapes now.
    /// - Parameter endpoint: where that can be reached from the host.
    public func run(
        with prometheus: PrometheusClient, _ http: HTTPClient, at endpoint: (HTTPURL) -> Endpoint
    ) async throws -> [Check] {
        var url: HTTPURL
        do {
            guard let scraped = try await scraped(prometheus) else { return [unknown("Prometheus does not scrape it")] }
            url = scraped
        } catch HTTPError.cancelled {
            throw CancellationError()
        } catch let error where error is HTTPError || error is APIError {
            return [unknown(Check(resource, "metrics", expected: expected, error: error).actual)]
        }
        url.endpoint = endpoint(url)
        let accepted = HTTPHeader("Accept", "\(Self.openMetrics);version=1.0.0;q=0.6,text/plain;version=0.0.4;q=0.5,*/*;q=0.1")
        let request = HTTPRequest(url, headers: [accepted], bodyLimit: Self.mostBytes)
        return try await checking(resource, "metrics", expected: expected) {
            try await http.send(request)
        } _: { [url] in [judge($0, url)] }
    }

    private func scraped(_ prometheus: PrometheusClient) async throws -> HTTPURL? {
        let found = try await prometheus.targets().first { $0.job == target.job && $0.instance == target.instance }
        return found?.scrapeUrl.flatMap { try? HTTPURL($0) }
    }

    private func unknown(_ reason: String) -> Check { .unknown(resource, "metrics", expected: expected, because: reason) }

    private func judge(_ response: HTTPResponse, _ url: HTTPURL) -> Check {
        func check(_ actual: String, passes: Bool = false, _ details: [String] = []) -> Check {
            Check(resource, "metrics", expected: expected, actual: actual, passes: passes, details: passes ? [] : ["asked \(url)"] + details)
        }
        guard response.status == 200 else { return check("\(response.status): \(HTTPResponse.excerpt(response.text, limit: 120))") }
        if response.isTruncated { return check("more than \(Self.mostBytes >> 20) MB") }
        let type = response[header: "content-type"] ?? ""
        let media = type.prefix { $0 != ";" }.lowercased().filter { $0 != " " }
        guard Self.types.contains(media) else {
            return check("Content-Type \(HTTPResponse.excerpt(type, limit: 100))", ["Prometheus 3 takes \(Self.types.joined(separator: " and "))"])
        }
        do throws(MetricsPage.Mistake) {
            let page = try MetricsPage(parsing: response.text, isOpenMetrics: media == Self.openMetrics)
            let missing = metrics.filter { !page.has($0) }
            guard missing.isEmpty else { return check("without \(missing.joined(separator: ", "))") }
            return check("\(these), \(HTTPResponse.excerpt(type, limit: 100))", passes: true)
        } catch {
            return check("line \(error.line) is no metric", [HTTPResponse.excerpt(error.text, limit: 200)])
        }
    }
}
