import Foundation
import OpsCore
import OpsMonitoring

/// Whether the containers of a stack just run: healthy by docker's own word, never out of memory, not restarting.
struct ContainerState {
    private let stack: RunningStack
    private let steady: Duration

    /// - Parameter steady: how long each must have run since its last restart.
    init(_ stack: RunningStack, steady: Duration) {
        self.stack = stack
        self.steady = steady
    }

    /// One check for all services; what is wrong with which stands in its details.
    func check(_ services: [Catalogue.Service]) -> Check {
        let troubles = services.compactMap { service in trouble(service).map { "\(service.name): \($0)" } }
        let rest = steady > .zero ? ", no restart for \(steady.brief)" : ""
        return Check(
            resource: "containers", property: "state", expected: "\(services.count) healthy\(rest)",
            actual: troubles.isEmpty ? "\(services.count) healthy" : troubles.count == 1 ? troubles[0] : "\(troubles.count) are not",
            status: troubles.isEmpty ? .pass : .fail, details: troubles.count > 1 ? troubles : [])
    }

    private func trouble(_ service: Catalogue.Service) -> String? {
        guard let container = stack.survey[service.name] else { return "no container" }
        let isHealthy = ["healthy", ""].contains(container.health)
        guard container.status == "running", isHealthy, !container.outOfMemory else { return container.description + said(container) }
        guard steady > .zero, let age = age(of: container), age < steady.seconds else { return nil }
        return "\(container.description), up for \(Duration.seconds(max(age, 0)).brief)"
    }

    /// The last line of an unhealthy container's check: docker's own word for why.
    private func said(_ container: StackSurvey.Container) -> String {
        let line = container.healthOutput.split(whereSeparator: \.isNewline).last { !$0.allSatisfy(\.isWhitespace) }
        return line.map { ", its health check said: \($0.trimming().prefix(200))" } ?? ""
    }

    /// Seconds since it was last started, by the host's clock.
    private func age(of container: StackSurvey.Container) -> Double? {
        guard let started = try? Date(container.startedAt.replacing(#/\.\d+/#, with: ""), strategy: .iso8601) else { return nil }
        return stack.hostTime.timeIntervalSince(started)
    }
}
