import CLibSSH2
import OpsTransport

/// The memory of one libssh2 session: bounded, and watched for what libssh2 does not tell.
///
/// libssh2 keeps no record of whether an exit status arrived (its field starts as 0), nor the host's own
/// words for a refused channel. But it hands every received packet's buffer back to the session's
/// allocator once it is done with it, in the order of arrival, and the buffer begins with the message
/// type. So `release` reads those few messages on their way out. Blocks are handed out with a zero first
/// byte, so nothing that wasn't a packet in this life can look like one.
final class SessionMemory {
    /// Most that one session may hold: the receive windows of dozens of channels, with room to spare.
    static let limit = 128 << 20

    private(set) var liveBytes = 0
    private(set) var limitReached = false
    /// Whose memory this is; nil while the session is being made or torn down.
    weak var session: SSHSession?
    /// What the packets said, by the channel's number at this end.
    private(set) var channels: [UInt32: ChannelNews] = [:]
    /// Number of the channel opened last.
    private(set) var lastOpened: UInt32?
    /// The host's reason for the channel that it refused last.
    private(set) var lastRefusal: ChannelRefusal?
    /// The host's answer to the login attempt that it refused last.
    var lastLoginFailure: LoginFailure?
    /// How many login attempts the host has refused.
    private(set) var loginFailures = 0

    /// Answers questions of a `keyboard-interactive` login under way.
    var answer: ((InteractivePrompt) -> String?)?

    func allocate(_ count: Int) -> UnsafeMutableRawPointer? {
        guard count >= 0, liveBytes + count <= SessionMemory.limit else {
            limitReached = true
            return nil
        }
        guard let block = malloc(max(count, 1)) else { return nil }
        liveBytes += clibssh2_block_size(block)
        block.storeBytes(of: 0, as: UInt8.self)
        return block
    }

    func reallocate(_ block: UnsafeMutableRawPointer?, _ count: Int) -> UnsafeMutableRawPointer? {
        guard let block else { return allocate(count) }
        let before = clibssh2_block_size(block)
        guard count >= 0, liveBytes - before + count <= SessionMemory.limit else {
            limitReached = true
            return nil
        }
        guard let moved = realloc(block, max(count, 1)) else { return nil }
        liveBytes += clibssh2_block_size(moved) - before
        return moved
    }

    func release(_ block: UnsafeMutableRawPointer?) {
        guard let block else { return }
        let size = clibssh2_block_size(block)
        liveBytes -= size
        if let message = ReceivedMessage(UnsafeRawBufferPointer(start: block, count: size)) { note(message) }
        free(block)
    }

    /// Forgets a channel that has been freed.
    func forget(_ channel: UInt32) { channels[channel] = nil }

    private func note(_ message: ReceivedMessage) {
        switch message {
        case .channelOpened(let channel):
            channels[channel] = ChannelNews()
            lastOpened = channel
        case .channelRefused(let refusal):
            lastRefusal = refusal
        case .channelClosed(let channel):
            channels[channel]?.closed = true
        case .processEnded(let channel, let end):
            channels[channel]?.end = end
        case .loginFailed(let failure):
            lastLoginFailure = failure
            loginFailures += 1
        }
    }
}

/// What the host has said about a channel so far.
struct ChannelNews {
    var end: ProcessEnd?
    var closed = false
}

/// Why the host refused a channel (RFC 4254, section 5.1).
struct ChannelRefusal {
    var code: UInt32
    var text: String
}

/// The host's answer to a login attempt that did not suffice (RFC 4252, section 5.1).
struct LoginFailure {
    /// Methods that can continue.
    var methods: [String]
    /// The attempt was good, but another method is needed as well.
    var partialSuccess: Bool
}
