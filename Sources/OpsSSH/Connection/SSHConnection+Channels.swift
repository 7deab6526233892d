import CLibSSH2
import NIOCore
import OpsTransport

/// Channels: opening, reading, writing, closing. Numbers are the connection's own.
extension SSHConnection {
    /// Opens a channel; at most one opening is under way in libssh2, the others wait their turn.
    func open(_ request: ChannelRequest, what: String) async throws(TransportError) -> Int {
        let note = request.type == ChannelRequest.session.type ? "; sshd's MaxSessions sets how many it allows" : ""
        let refusal = { [self] failure in refused(failure, what: what, note: note) }
        return try await perform(refusal: refusal, abandoned: { [self] in release($0) }) { [self] (ticket) -> Int? in
            guard openingTicket ?? ticket == ticket else { return nil }
            openingTicket = ticket
            var done = true
            defer { if done { openingTicket = nil } }
            guard let channel = try session.open(request) else {
                done = false
                return nil
            }
            channels[Int(channel.number)] = channel
            return Int(channel.number)
        }
    }

    /// Starts a program in a session channel that was just opened, without waiting for the host's word: what
    /// is written next may follow at once (RFC 4254, section 4, asks for no pause). If the host refuses, whoever
    /// reads, writes or waits is told.
    func execute(_ command: String, in id: Int) {
        finishLater { [self] in
            guard let channel = channels[id] else { return true }
            do throws(SSHFailure) {
                return try session.execute(command, in: channel)
            } catch {
                refusals[id] = refused(error, what: "the command") ?? fatal(error)
                return true
            }
        }
    }

    /// Sends bytes; returns when all have been taken. The stream's own buffer bounds what is on the way.
    func write(_ bytes: [UInt8], to id: Int) async throws(TransportError) {
        var sent = 0
        try await perform(refusal: inputClosed) { [self] (_) -> Void? in
            let channel = try channel(id)
            while sent < bytes.count {
                // libssh2 would wait for ever for the window of a program that is gone.
                if session.memory.channels[channel.number]?.closed == true {
                    throw inputClosed(because: "the program has ended")
                }
                let count = stream.isWritable ? try session.write(bytes[sent...], to: channel) : 0
                if count == 0 { return nil }
                sent += count
                if session.outboundBytes >= 32 << 10 { flush() }
            }
            return ()
        }
    }

    func finishInput(of id: Int) async throws(TransportError) {
        try await perform(refusal: inputClosed) { [self] _ in try session.sendEnd(of: channel(id)) ? () : nil }
    }

    /// The next piece of output; nil at the end of both streams.
    func read(from id: Int) async throws(TransportError) -> OutputChunk? {
        let chunk: OutputChunk?? = try await perform { [self] (_) -> OutputChunk?? in
            let channel = try channel(id)
            if let bytes = try take(.stdout, of: channel) { return .some(.stdout(bytes)) }
            if let bytes = try take(.stderr, of: channel) { return .some(.stderr(bytes)) }
            return session.isAtEnd(channel) ? .some(nil) : nil
        }
        return chunk ?? nil
    }

    private func take(_ stream: SSHSession.OutputStreamNumber, of channel: RawChannel) throws -> [UInt8]? {
        let count = try scratch.withUnsafeMutableBytes { try session.read(stream, of: channel, into: $0) }
        return count > 0 ? Array(scratch[..<count]) : nil
    }

    /// How the program ended; an end that the host does not explain is an error, not a success.
    func end(of id: Int) async throws(TransportError) -> ProcessEnd {
        try await perform { [self] (_) -> ProcessEnd? in
            let channel = try channel(id)
            try takeIn(channel)
            let news = session.memory.channels[channel.number]
            if let end = news?.end { return end }
            if news?.closed == true {
                throw TransportError.connectionLost(
                    peer: peer, reason: "the host ended the command without saying how it ended")
            }
            return nil
        }
    }

    /// Reading nothing makes libssh2 take in what has arrived.
    private func takeIn(_ channel: RawChannel) throws(SSHFailure) {
        _ = try session.read(.stdout, of: channel, into: UnsafeMutableRawBufferPointer(start: nil, count: 0))
    }

    /// Closes a channel. The host may take its time to agree (a program that ignores its closed streams);
    /// nobody waits for that.
    func release(_ id: Int) {
        refusals[id] = nil
        guard let channel = channels.removeValue(forKey: id) else { return }
        finishLater { [self] in session.free(channel) }
        flush()
    }

    /// Lets libssh2 take in what has arrived while no operation wanted bytes: requests of the host, a key
    /// exchange, answers to keepalives.
    func drain() {
        guard openingTicket == nil else { return }
        if let channel = channels.values.first {
            do throws(SSHFailure) { try takeIn(channel) } catch { _ = fatal(error) }
        } else if session.isAuthenticated, !isProbeDue {
            // Not at once: right after the login the host says more, and the probe would be in the way of the
            // first channel for a round trip.
            isProbeDue = true
            loop.scheduleTask(in: SSHConnection.probeDelay) { [weak self] in
                self?.assumeIsolated { $0.probeIfNeeded() }
            }
        }
    }

    /// Far below any interval at which a server looks for signs of life.
    private static let probeDelay = TimeAmount.milliseconds(300)

    private func probeIfNeeded() {
        isProbeDue = false
        if failure == nil, channels.isEmpty, session.inbound.readableBytes > 0 { probe() }
    }

    /// Asks for a channel type that nobody has; the refusal is the answer. It needs no channel, and unlike
    /// an answered global request leaves nothing behind in libssh2.
    func probe() {
        guard openingTicket == nil else { return }
        openingTicket = -1
        finishLater { [self] in
            do throws(SSHFailure) {
                guard let channel = try session.open(.probe) else { return false }
                _ = session.free(channel)
            } catch {
                if error.code != LIBSSH2_ERROR_CHANNEL_FAILURE { _ = fatal(error) }
            }
            openingTicket = nil
            return true
        }
    }

    private func channel(_ id: Int) throws(TransportError) -> RawChannel {
        if let refusal = refusals[id] { throw refusal }
        guard let channel = channels[id] else { throw .cancelled(peer: peer) }
        return channel
    }

    private func refused(_ error: SSHFailure, what: String, note: String = "") -> TransportError? {
        switch error.code {
        case LIBSSH2_ERROR_CHANNEL_FAILURE:
            .channelRefused(
                peer: peer, what: what, reason: (session.memory.lastRefusal?.explanation ?? error.message) + note)
        case LIBSSH2_ERROR_CHANNEL_REQUEST_DENIED:
            .channelRefused(peer: peer, what: what, reason: "the host does not allow it")
        default:
            nil
        }
    }

    private func inputClosed(_ failure: SSHFailure) -> TransportError? {
        let isClosed = [LIBSSH2_ERROR_CHANNEL_CLOSED, LIBSSH2_ERROR_CHANNEL_EOF_SENT].contains(failure.code)
        return isClosed ? inputClosed(because: "it was ended") : nil
    }

    private func inputClosed(because reason: String) -> TransportError {
        .channelRefused(peer: peer, what: "more input", reason: reason)
    }
}

extension ChannelRefusal {
    /// The host's words, with what they stand for where they say little.
    var explanation: String {
        let meaning =
            switch code {
            case 1: "not allowed"
            case 2: "cannot connect"
            case 3: "unknown kind of channel"
            case 4: "too many"
            default: "refused"
            }
        return text.isEmpty ? meaning : "\(text) (\(meaning))"
    }
}
