import CLibSSH2
import NIOCore
#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// A session of libssh2 without a socket: it reads `inbound` and appends to `outbound`.
///
/// Every call either completes or says "not yet" (nil or false) because `inbound` ran empty; sending
/// always succeeds, so nothing waits for the network in here. Not thread-safe: its owner is an actor.
final class SSHSession {
    let raw: OpaquePointer
    let memory = SessionMemory()
    /// Bytes from the host that libssh2 has not taken yet.
    var inbound = ByteBuffer()
    /// Bytes for the host.
    private var outbound = ByteBuffer()
    /// No more bytes will come; set before the session is freed, so that freeing can't wait.
    var inputEnded = false
    /// Algorithms asked for, by libssh2's method type.
    var preferred: [CInt: [String]] = [:]
    /// The host's words when it ended the session.
    private(set) var disconnectReason: String?

    /// - Throws: `SSHFailure` if libssh2 can't be started or has no memory.
    init() throws(SSHFailure) {
        guard libssh2_init(0) == 0 else { throw SSHFailure(code: -1, message: "libssh2 does not start") }
        let context = Unmanaged.passUnretained(memory).toOpaque()
        guard let raw = SSHSession.create(context) else {
            throw SSHFailure(code: LIBSSH2_ERROR_ALLOC, message: "out of memory")
        }
        self.raw = raw
        memory.session = self
        libssh2_session_set_blocking(raw, 0)
        SSHSession.installCallbacks(raw)
    }

    deinit {
        inputEnded = true
        inbound.clear()
        libssh2_session_free(raw)
    }

    /// Bytes waiting to be sent; empty afterwards.
    func takeOutbound() -> ByteBuffer? {
        guard outbound.readableBytes > 0 else { return nil }
        defer { outbound = ByteBuffer() }
        return outbound
    }

    /// Amount of `takeOutbound`.
    var outboundBytes: Int { outbound.readableBytes }

    // MARK: What libssh2 calls

    func receive(into buffer: UnsafeMutableRawPointer, limit: Int) -> Int {
        let count = min(limit, inbound.readableBytes)
        guard count > 0 else { return inputEnded ? 0 : -Int(EAGAIN) }
        inbound.readWithUnsafeReadableBytes { bytes in
            buffer.copyMemory(from: bytes.baseAddress.unsafelyUnwrapped, byteCount: count)
            return count
        }
        return count
    }

    func send(_ bytes: UnsafeRawBufferPointer) -> Int {
        outbound.writeBytes(bytes)
        return bytes.count
    }

    func noteDisconnect(_ reason: String) { disconnectReason = reason }
}

/// What libssh2 says went wrong.
struct SSHFailure: Error {
    var code: CInt
    var message: String
}

extension SSHSession {
    /// The failure that `code` stands for, with libssh2's latest words.
    func failure(_ code: CInt) -> SSHFailure {
        var text: UnsafeMutablePointer<CChar>?
        var length: CInt = 0
        libssh2_session_last_error(raw, &text, &length, 0)
        let message = text.map { String(cString: $0) } ?? ""
        if memory.limitReached {
            let limit = SessionMemory.limit >> 20
            return SSHFailure(code: code, message: "the host sent more than \(limit) MiB that nobody asked for")
        }
        let words = message.isEmpty ? "libssh2 error \(code)" : printable(message, limit: 200)
        return SSHFailure(code: code, message: words)
    }

    /// True when done, false when more bytes are needed.
    func completed(_ code: CInt) throws(SSHFailure) -> Bool {
        if code == 0 { return true }
        if code == LIBSSH2_ERROR_EAGAIN { return false }
        throw failure(code)
    }
}
