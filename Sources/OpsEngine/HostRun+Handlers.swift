import OpsCore
import OpsProject

extension HostRun {
    /// Remembers the handlers that a changed step names. A name matches the last handler called so, and every
    /// one that listens to it.
    /// - Throws: a located `Diagnostic` for a name that nothing answers to.
    func notify(_ step: Step, scope: StepScope) throws {
        for located in step.keywords.notify {
            for item in try context.templar.render(located, scope).list ?? [context.templar.render(located, scope)] {
                guard let name = item.string else { continue }
                let listening = handlers.indices.filter { handlers[$0].keywords.listen.contains(name) }
                let named = handlers.indices.last { isCalled(name, handlers[$0]) }
                guard named != nil || !listening.isEmpty else {
                    throw Diagnostic(
                        code: "unknown-handler", "no handler is called '\(name)'", at: located.location,
                        hints: NearestName.hints(for: name, in: handlers.compactMap { $0.name?.value.string }))
                }
                notified.formUnion(listening)
                if let named { notified.insert(named) }
            }
        }
    }

    private func isCalled(_ name: String, _ handler: Step) -> Bool {
        guard let own = handler.name?.value.string else { return false }
        return own == name || handler.role.map { "\($0.name) : \(own)" == name } ?? false
    }

    /// Runs the notified handlers in the order they're defined, each once; one may notify another after it.
    func flushHandlers() async -> Flow {
        var ran: Set<Int> = []
        while let index = notified.subtracting(ran).min() {
            ran.insert(index)
            notified.remove(index)
            let flow = await run(handlers[index], asHandler: true)
            guard case .next = flow else { return flow }
            // One that notifies an earlier handler has it run in this flush too.
            ran.subtract(notified.filter { $0 > index })
        }
        return .next
    }
}
