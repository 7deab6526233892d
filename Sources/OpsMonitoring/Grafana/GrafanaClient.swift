import Foundation
import OpsCore

/// Grafana's HTTP API (grafana.com/docs/grafana/latest/developers/http_api), from 9 on.
///
/// Every call throws `HTTPError`, `APIError`, or `TransportError` if the way to the host is gone.
public struct GrafanaClient: Sendable {
    private let api: API

    /// - Parameter credentials: nil calls as nobody.
    public init(http: HTTPClient, url: HTTPURL, credentials: HTTPCredentials?) {
        api = API(service: "grafana", http: http, base: url, credentials: credentials)
    }

    /// The same Grafana as another user, or as nobody.
    public func with(_ credentials: HTTPCredentials?) -> GrafanaClient {
        var other = api
        other.credentials = credentials
        return GrafanaClient(api: other)
    }

    private init(api: API) { self.api = api }

    /// The state of its database: `ok`.
    public func databaseHealth() async throws -> String {
        struct Health: Decodable, Sendable { var database: String }
        let health: Health = try await api.get("/api/health")
        return health.database
    }

    /// The status of a call that needs a login: 200, or 401 if the login is not one.
    public func loginStatus() async throws -> Int {
        try await api.send("GET", "/api/org", accepts: 100...599).status
    }

    public func datasources() async throws -> [GrafanaDatasource] { try await api.get("/api/datasources") }

    /// What a data source's own test says: status `OK` or `ERROR`, and a message.
    public func datasourceHealth(uid: String) async throws -> GrafanaHealth {
        let path = "/api/datasources/uid/\(HTTPURL.escaped(uid))/health"
        // An unhealthy one is answered with 400 and the same JSON.
        let response = try await api.send("GET", path, accepts: 200...400)
        return try response.decoded(from: api.base.appending(path))
    }

    /// All dashboards, without their panels.
    public func dashboards() async throws -> [GrafanaDashboardEntry] {
        try await api.get("/api/search", query: ["type": "dash-db", "limit": "5000"])
    }

    public func dashboard(uid: String) async throws -> GrafanaDashboard {
        try await api.get("/api/dashboards/uid/\(HTTPURL.escaped(uid))")
    }
}

public struct GrafanaDatasource: Sendable, Hashable, Decodable {
    public var uid: String
    public var name: String
    public var type: String
}

public struct GrafanaHealth: Sendable, Hashable, Decodable {
    public var status: String
    public var message: String?
}

public struct GrafanaDashboardEntry: Sendable, Hashable, Decodable {
    public var uid: String
    public var title: String
}

/// A dashboard with what its panels ask for.
public struct GrafanaDashboard: Sendable, Hashable, Decodable {
    public struct Meta: Sendable, Hashable, Decodable {
        /// It came from a file, not from somebody's editing.
        public var provisioned: Bool?
    }

    public struct Content: Sendable, Hashable, Decodable {
        public var uid: String
        public var title: String
        public var panels: [Panel]?
        public var templating: Templating?
    }

    public struct Templating: Sendable, Hashable, Decodable {
        public var list: [Variable]?
    }

    /// A variable of a dashboard, as far as queries need it.
    public struct Variable: Sendable, Hashable, Decodable {
        public var name: String
        /// `query`, `textbox`, `datasource`...
        public var type: String?
        /// What "All" stands for in a query.
        public var allValue: String?
    }

    public struct Panel: Sendable, Hashable, Decodable {
        public var title: String?
        public var type: String
        public var targets: [Target]?
        /// Of a row that is folded.
        public var panels: [Panel]?
    }

    public struct Target: Sendable, Hashable, Decodable {
        /// A PromQL or LogQL expression.
        public var expr: String?
        public var hide: Bool?
        public var datasource: Source?
    }

    /// Written as an object, or as a name by old dashboards.
    public struct Source: Sendable, Hashable, Decodable {
        public var uid: String?
        public var type: String?

        private enum Key: String, CodingKey { case uid, type }

        public init(from decoder: any Decoder) throws {
            if let name = try? decoder.singleValueContainer().decode(String.self) {
                uid = name
                return
            }
            let object = try decoder.container(keyedBy: Key.self)
            uid = try object.decodeIfPresent(String.self, forKey: .uid)
            type = try object.decodeIfPresent(String.self, forKey: .type)
        }
    }

    public var meta: Meta
    public var dashboard: Content

    /// What a query says for each variable when nobody has chosen anything: "All", or an empty text box.
    var variables: [String: String] {
        (dashboard.templating?.list ?? []).reduce(into: [:]) { values, variable in
            values[variable.name] = variable.type == "textbox" ? "" : variable.allValue
        }
    }

    /// Every panel, those in folded rows as well.
    public var panels: [Panel] {
        (dashboard.panels ?? []).flatMap { $0.type == "row" ? $0.panels ?? [] : [$0] }
    }
}
