import OpsTransport

/// One of the few messages of RFC 4252 and 4254 that are read beside libssh2 (see `SessionMemory`).
enum ReceivedMessage {
    case channelOpened(UInt32)
    case channelRefused(ChannelRefusal)
    case channelClosed(UInt32)
    case processEnded(UInt32, ProcessEnd)
    case loginFailed(LoginFailure)

    /// - Parameter block: a packet's payload, possibly followed by padding; nil if it is another message.
    init?(_ block: UnsafeRawBufferPointer) {
        guard let first = block.first, let number = MessageNumber(rawValue: first) else { return nil }
        var reader = WireReader(UnsafeRawBufferPointer(rebasing: block.dropFirst()))
        switch number {
        case .userauthFailure:
            guard let list = reader.string(), let partial = reader.byte() else { return nil }
            let methods = list.split(separator: ",").map { printable($0, limit: 64) }
            self = .loginFailed(LoginFailure(methods: methods, partialSuccess: partial != 0))
        case .channelOpenConfirmation:
            guard let channel = reader.uint32() else { return nil }
            self = .channelOpened(channel)
        case .channelOpenFailure:
            guard reader.uint32() != nil, let code = reader.uint32() else { return nil }
            self = .channelRefused(ChannelRefusal(code: code, text: printable(reader.string() ?? "", limit: 200)))
        case .channelClose:
            guard let channel = reader.uint32() else { return nil }
            self = .channelClosed(channel)
        case .channelRequest:
            guard let channel = reader.uint32(), let end = ReceivedMessage.end(&reader) else { return nil }
            self = .processEnded(channel, end)
        }
    }

    private enum MessageNumber: UInt8 {
        case userauthFailure = 51
        case channelOpenConfirmation = 91
        case channelOpenFailure = 92
        case channelClose = 97
        case channelRequest = 98
    }

    /// `exit-status` and `exit-signal` (RFC 4254, section 6.10).
    private static func end(_ reader: inout WireReader) -> ProcessEnd? {
        guard let request = reader.string(limit: 64), reader.byte() != nil else { return nil }
        switch request {
        case "exit-status": return reader.uint32().map { .exited(Int($0)) }
        case "exit-signal": return reader.string(limit: 64).map { .signaled(printable($0, limit: 64)) }
        default: return nil
        }
    }
}

/// Text of a host made safe to show: control characters replaced, length bounded.
func printable(_ text: some StringProtocol, limit: Int) -> String {
    var safe = String.UnicodeScalarView()
    for scalar in text.unicodeScalars.prefix(limit) {
        let isControl = scalar.properties.generalCategory == .control || scalar.properties.generalCategory == .format
        safe.append(isControl ? "\u{FFFD}" : scalar)
    }
    return String(safe).trimmingSpaces()
}

extension String {
    func trimmingSpaces() -> String {
        var text = self[...]
        while text.first?.isWhitespace == true { text.removeFirst() }
        while text.last?.isWhitespace == true { text.removeLast() }
        return String(text)
    }
}
