extension RemoteShell {
    /// The shell itself has ended. What it had not begun is sent to the next one, once.
    func ended(_ end: ProcessEnd) {
        guard shellNumber != nil else {
            let error = launcher.failure(
                said: streams.preamble.output.output().bytes, errors: streams.preamble.errors.output().bytes, end: end)
            return fail { _ in error }
        }
        let reason =
            switch end {
            case .exited(let status): "it exited with status \(status)"
            case .signaled(let name): "it was ended by signal \(name)"
            }
        let error = TransportError.shellEnded(peer: peer, reason: reason)
        fail { request in request.isBegun || isClosed || request.isResent ? error : nil }
        for request in queue { request.isResent = true }
    }

    /// Fails the waiting scripts for which `reason` gives an error; interrupted ones say why they were.
    func fail(_ reason: (ShellRequest) -> (any Error)?) {
        var kept: [ShellRequest] = []
        for request in queue {
            if let error = request.interruption ?? reason(request) {
                request.fail(error)
            } else {
                kept.append(request)
            }
        }
        queue = kept
    }

    func startIsOverdue() async {
        guard shellNumber == nil else { return }
        let error = TransportError.timedOut(peer: peer, what: "starting a shell", after: launcher.startTimeout)
        fail { _ in error }
        await giveUpShell()
    }

    private func giveUpShell() async {
        isGivenUp = true
        await process?.close()
    }

    /// Ends a script before its time.
    func interrupt(_ nonce: Nonce, _ error: TransportError) {
        guard let request = request(nonce), request.interruption == nil else { return }
        request.interruption = error
        if !request.isSent {
            queue.removeAll { $0 === request }
            request.fail(error)
        } else if queue.first === request {
            end(request)
        } else {
            request.fail(error)
        }
    }

    /// Ends the script that runs, or gives the shell up if that takes too long.
    func end(_ request: ShellRequest) {
        if request.isBegun { endTree(request) }
        request.timer?.cancel()
        request.timer = Task {
            try await Task.sleep(for: Self.endLimit)
            if queue.first === request { await giveUpShell() }
        }
    }

    func endTree(_ request: ShellRequest) {
        guard let shellNumber, shellNumber > 0, !request.isEnding else { return }
        request.isEnding = true
        let tree =
            if let number = request.number {
                ProcessTree(root: number, parent: shellNumber)
            } else {
                ProcessTree(root: shellNumber, sparesRoot: true)
            }
        // In a task of its own: the one that wanted the script to end may be cancelled itself.
        Task { await tree.end(by: launcher) }
    }
}
