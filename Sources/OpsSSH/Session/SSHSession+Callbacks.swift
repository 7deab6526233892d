import CLibSSH2

/// C functions that libssh2 calls. The session's abstract pointer carries its `SessionMemory`, which knows
/// the session, because memory is asked for before the session exists.
extension SSHSession {
    private typealias Abstract = UnsafeMutablePointer<UnsafeMutableRawPointer?>
    private typealias Receive = @convention(c) (
        CInt, UnsafeMutableRawPointer?, Int, CInt, Abstract?
    ) -> Int
    private typealias Send = @convention(c) (CInt, UnsafeRawPointer?, Int, CInt, Abstract?) -> Int
    private typealias Disconnect = @convention(c) (
        OpaquePointer?, CInt, UnsafePointer<CChar>?, CInt, UnsafePointer<CChar>?, CInt, Abstract?
    ) -> Void

    static func create(_ context: UnsafeMutableRawPointer) -> OpaquePointer? {
        libssh2_session_init_ex(
            { count, abstract in SessionMemory.of(abstract)?.allocate(count) },
            { block, abstract in SessionMemory.of(abstract)?.release(block) },
            { block, count, abstract in SessionMemory.of(abstract)?.reallocate(block, count) },
            context)
    }

    static func installCallbacks(_ raw: OpaquePointer) {
        let receive: Receive = { _, buffer, limit, _, abstract in
            guard let buffer, let session = SessionMemory.of(abstract)?.session else { return 0 }
            return session.receive(into: buffer, limit: limit)
        }
        let send: Send = { _, bytes, count, _, abstract in
            guard let session = SessionMemory.of(abstract)?.session else { return count }
            return session.send(UnsafeRawBufferPointer(start: bytes, count: count))
        }
        let disconnect: Disconnect = { _, _, text, length, _, _, abstract in
            guard let session = SessionMemory.of(abstract)?.session else { return }
            let words = UnsafeRawBufferPointer(start: text, count: Int(max(0, length)))
            session.noteDisconnect(printable(String(decoding: words, as: UTF8.self), limit: 200))
        }
        libssh2_session_callback_set(
            raw, LIBSSH2_CALLBACK_RECV, unsafeBitCast(receive, to: UnsafeMutableRawPointer.self))
        libssh2_session_callback_set(
            raw, LIBSSH2_CALLBACK_SEND, unsafeBitCast(send, to: UnsafeMutableRawPointer.self))
        libssh2_session_callback_set(
            raw, LIBSSH2_CALLBACK_DISCONNECT, unsafeBitCast(disconnect, to: UnsafeMutableRawPointer.self))
    }
}

extension SessionMemory {
    /// The memory that a callback's abstract pointer carries.
    static func of(_ abstract: UnsafeMutablePointer<UnsafeMutableRawPointer?>?) -> SessionMemory? {
        guard let pointer = abstract?.pointee else { return nil }
        return Unmanaged<SessionMemory>.fromOpaque(pointer).takeUnretainedValue()
    }
}
