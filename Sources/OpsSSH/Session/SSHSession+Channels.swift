import CLibSSH2

/// A channel of a session; usable until `SSHSession.free`.
struct RawChannel {
    let pointer: OpaquePointer
    /// The channel's number at this end.
    let number: UInt32
}

/// What to open (RFC 4254; OpenSSH's PROTOCOL, section 2.4).
struct ChannelRequest {
    var type: String
    var message: [UInt8] = []

    static let session = ChannelRequest(type: "session")

    static func tcp(host: String, port: Int) -> ChannelRequest {
        var message = WireWriter()
        message.append(host)
        message.append(uint32: UInt32(clamping: port))
        message.append("127.0.0.1")
        message.append(uint32: 0)
        return ChannelRequest(type: "direct-tcpip", message: message.bytes)
    }

    static func unix(path: String) -> ChannelRequest {
        var message = WireWriter()
        message.append(path)
        message.append("")
        message.append(uint32: 0)
        return ChannelRequest(type: "direct-streamlocal@openssh.com", message: message.bytes)
    }

    /// A type that nobody has. The host must refuse it, so it serves to get an answer.
    static let probe = ChannelRequest(type: "probe@opsctl")
}

extension SSHSession {
    /// Bytes that a program may have sent ahead of its reader: enough for 40 MB/s at 50 ms round trip.
    static let window: UInt32 = 2 << 20
    static let packetSize: UInt32 = 32768

    /// Nil while more bytes are needed. libssh2 keeps the state of one opening in the session: call this
    /// with the same request until it is done before opening another.
    func open(_ request: ChannelRequest) throws(SSHFailure) -> RawChannel? {
        let pointer = request.message.withUnsafeBytes { message in
            libssh2_channel_open_ex(
                raw, request.type, UInt32(request.type.utf8.count), SSHSession.window, SSHSession.packetSize,
                message.baseAddress?.assumingMemoryBound(to: CChar.self), UInt32(message.count))
        }
        if let pointer, let number = memory.lastOpened { return RawChannel(pointer: pointer, number: number) }
        let code = libssh2_session_last_errno(raw)
        if code == LIBSSH2_ERROR_EAGAIN { return nil }
        throw failure(code)
    }

    /// Starts a program in a session channel.
    func execute(_ command: String, in channel: RawChannel) throws(SSHFailure) -> Bool {
        try completed(
            libssh2_channel_process_startup(
                channel.pointer, "exec", 4, command, UInt32(command.utf8.count)))
    }

    /// Sends some of `bytes`; 0 while the host's window is closed.
    func write(_ bytes: ArraySlice<UInt8>, to channel: RawChannel) throws(SSHFailure) -> Int {
        let count = bytes.withUnsafeBytes { bytes in
            libssh2_channel_write_ex(
                channel.pointer, 0, bytes.baseAddress?.assumingMemoryBound(to: CChar.self), bytes.count)
        }
        if count >= 0 { return count }
        if count == Int(LIBSSH2_ERROR_EAGAIN) { return 0 }
        throw failure(CInt(count))
    }

    /// Moves what has arrived for a stream into `buffer`; 0 if there is nothing (see `isAtEnd`).
    func read(
        _ stream: OutputStreamNumber, of channel: RawChannel, into buffer: UnsafeMutableRawBufferPointer
    ) throws(SSHFailure) -> Int {
        let count = libssh2_channel_read_ex(
            channel.pointer, stream.rawValue, buffer.baseAddress?.assumingMemoryBound(to: CChar.self), buffer.count)
        if count >= 0 { return count }
        if count == Int(LIBSSH2_ERROR_EAGAIN) { return 0 }
        throw failure(CInt(count))
    }

    enum OutputStreamNumber: CInt {
        case stdout = 0
        case stderr = 1
    }

    /// The host has ended both streams and everything has been read.
    func isAtEnd(_ channel: RawChannel) -> Bool { libssh2_channel_eof(channel.pointer) == 1 }

    func sendEnd(of channel: RawChannel) throws(SSHFailure) -> Bool {
        try completed(libssh2_channel_send_eof(channel.pointer))
    }

    /// Closes the channel if need be and frees it. False while the host hasn't agreed.
    func free(_ channel: RawChannel) -> Bool {
        if libssh2_channel_free(channel.pointer) == LIBSSH2_ERROR_EAGAIN { return false }
        memory.forget(channel.number)
        return true
    }

    /// Says goodbye.
    func disconnect() {
        libssh2_session_disconnect_ex(raw, SSH_DISCONNECT_BY_APPLICATION, "bye", "")
    }
}
