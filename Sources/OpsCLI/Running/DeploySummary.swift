import Foundation
import OpsCore

/// What to do after a deploy: which services can be opened, and how.
struct DeploySummary {
    var workspace: Workspace

    func show() async {
        guard let connections = try? await StackConnections.connect(workspace, limit: workspace.limit) else { return }
        var seen: Set<String> = []
        let offers = connections.offers.filter { $0.endpoint != nil && seen.insert($0.service.name).inserted }
        await connections.close()
        guard !offers.isEmpty else { return }
        let console = Console.shared
        console.say("\nOpen with:")
        let width = offers.map(\.service.name.count).max() ?? 0
        for offer in offers {
            let name = offer.service.name.padding(toLength: width, withPad: " ", startingAt: 0)
            let login = offer.tunnel.login.map { "   login: \($0)" } ?? ""
            console.say("  opsctl tunnel \(name) \(workspace.environmentName)\(login)")
        }
    }
}
