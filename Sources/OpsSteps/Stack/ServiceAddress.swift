import OpsCore
import OpsMonitoring
import OpsTransport

/// Where a verification step finds the service that it asks: a service of the stack, or an address.
struct ServiceAddress: Sendable {
    private enum Way: Sendable {
        case service(String, StackPlace)
        case url(HTTPURL)
    }

    private let way: Way
    private let credentials: HTTPCredentials?

    static func parameters(_ service: String) -> [Parameter] {
        StackPlace.parameters + [
            Parameter("service", "its name in the compose file (default \(service))"),
            Parameter("url", "its address as the host sees it, instead of 'service'"),
            Parameter("timeout", "give up after (default 60 s)"),
        ]
    }

    /// For services that may have a login.
    static let loginParameters = [
        Parameter("user", "who asks (default: the login that the service's x-opsctl names, or nobody)"),
        Parameter("password", "and the password"),
    ]

    /// - Parameter service: the usual name in the compose file.
    init(_ arguments: ArgumentReader, _ environment: StepEnvironment, service usual: String) throws {
        credentials = try Self.credentials(arguments)
        if let url = try arguments.url("url") {
            way = .url(url)
        } else if let place = try StackPlace(arguments, environment) {
            way = .service(try arguments.string("service", default: usual), place)
        } else {
            throw Diagnostic(
                code: "missing-argument", "'\(arguments.module)' needs 'project_dir' or 'url'", at: arguments.location)
        }
    }

    private static func credentials(_ arguments: ArgumentReader) throws -> HTTPCredentials? {
        let (user, password) = (try arguments.sensitive("user"), try arguments.sensitive("password"))
        guard let user, let password else {
            guard user == nil, password == nil else {
                throw Diagnostic(code: "missing-argument", "a login is 'user' and 'password'", at: arguments.location)
            }
            return nil
        }
        return HTTPCredentials(user: user.reveal { $0 }, password: Secret(password.reveal { $0 }))
    }

    var probe: Probe? {
        if case .service(_, let place) = way { place.probe } else { nil }
    }

    /// The service, also if it can't be asked: every check then says why.
    func reach(_ work: StepWork) async throws -> ReachedService {
        switch way {
        case .url(let url): ReachedService(url: url, http: HTTPClient(through: work.session), credentials: credentials)
        case .service(let name, let place): try await Self.stack(place, work).reach(name, as: credentials, work)
        }
    }

    /// The same for another service of the stack; nil if the stack has none of that name, or the step was given an
    /// address instead of a stack.
    func reach(_ other: String, _ work: StepWork) async throws -> ReachedService? {
        guard case .service(_, let place) = way else { return nil }
        let stack = try await Self.stack(place, work)
        return stack.catalogue[other] == nil ? nil : try await stack.reach(other, work)
    }

    /// The container of the service, for what HTTP doesn't tell; nil if the step was given an address instead.
    func container(_ work: StepWork) async throws -> StackSurvey.Container? {
        guard case .service(let name, let place) = way else { return nil }
        return try await Self.stack(place, work).survey[name]
    }

    /// How often and how long to ask: as long as the step says, less if a container of the stack has stopped.
    func poll(_ timeout: Duration, _ work: StepWork) async throws -> Poll {
        guard case .service(_, let place) = way else { return Poll(timeout: timeout, interval: .seconds(1)) }
        return Poll(timeout: try await Self.stack(place, work).patience(timeout), interval: .seconds(1))
    }

    /// Whether something that must not be repeated at once was last done more than two minutes ago; from now on it
    /// was done now. Remembered beside the releases of the stack; always due where nothing can be remembered.
    func isDue(_ name: String, _ work: StepWork) async throws -> Bool {
        guard case .service(_, let place) = way else { return true }
        let mark = ShellQuoting.quote("\(place.directory)/.opsctl/\(name)")
        let answer = try await work.run(
            "if [ -n \"$(find \(mark) -mmin -2 2>/dev/null)\" ]; then echo recent; else touch \(mark) 2>/dev/null || :; fi")
        return !answer.stdout.text.contains("recent")
    }

    private static func stack(_ place: StackPlace, _ work: StepWork) async throws -> RunningStack {
        try await RunningStack.read(work, directory: place.directory, file: place.file)
    }
}

extension StepResult {
    /// What every verification step answers in check mode: there is nothing new to look at yet.
    static let notInCheckMode = StepResult(skipReason: "checks are made after a deploy, not in check mode")
}
