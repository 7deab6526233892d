import Foundation
import OpsCore
import OpsProcess

/// Opens plain sockets from this machine.
enum SocketConnect {
    /// How long one address may take to answer.
    static let timeout = Duration.seconds(10)

    /// Connects to the endpoint, trying each address of a name in turn.
    static func connect(to endpoint: Endpoint, peer: String) async throws(TransportError) -> SocketDescriptor {
        let addresses: [SocketAddress]
        do {
            addresses = try await SocketAddress.resolve(endpoint)
        } catch {
            throw .channelRefused(peer: peer, what: "a connection to \(endpoint)", reason: "\(error)")
        }
        var reason = "the name has no address"
        for address in addresses {
            switch await attempt(address) {
            case .success(let descriptor): return descriptor
            case .failure(let failure): reason = failure.text
            }
            if Task.isCancelled { throw .cancelled(peer: peer) }
        }
        throw .channelRefused(peer: peer, what: "a connection to \(endpoint)", reason: reason)
    }

    private struct Failure: Error {
        let text: String
    }

    private static func attempt(_ address: SocketAddress) async -> Result<SocketDescriptor, Failure> {
        let raw = socket(address.family, address.streamType, 0)
        guard raw >= 0 else { return .failure(Failure(text: "\(SystemError(errno))")) }
        let descriptor = Descriptor(raw)
        _ = fcntl(raw, F_SETFD, FD_CLOEXEC)
        descriptor.setNonBlocking()
        let code = address.withPointer { Foundation.connect(raw, $0, $1) }
        if code != 0 {
            guard errno == EINPROGRESS else { return .failure(Failure(text: "\(SystemError(errno))")) }
            if await !becomesWritable(descriptor) {
                return .failure(Failure(text: "no answer within \(timeout.brief)"))
            }
            var problem: CInt = 0
            var size = socklen_t(MemoryLayout<CInt>.size)
            getsockopt(raw, SOL_SOCKET, SO_ERROR, &problem, &size)
            if problem != 0 { return .failure(Failure(text: "\(SystemError(problem))")) }
        }
        let duplicate = fcntl(raw, F_DUPFD_CLOEXEC, 0)
        return duplicate < 0
            ? .failure(Failure(text: "\(SystemError(errno))")) : .success(SocketDescriptor(rawValue: duplicate))
    }

    private static func becomesWritable(_ descriptor: Descriptor) async -> Bool {
        await withTaskGroup { group in
            let readiness = Readiness()
            group.addTask {
                await withTaskCancellationHandler {
                    await readiness.wait(writing: [descriptor])
                } onCancel: {
                    readiness.cancel()
                }
                return !Task.isCancelled
            }
            group.addTask {
                try? await Task.sleep(for: timeout)
                return false
            }
            let first = await group.next() ?? false
            group.cancelAll()
            return first
        }
    }
}

/// A socket address of any family.
struct SocketAddress: Sendable {
    let family: CInt
    private let bytes: [UInt8]

    #if canImport(Darwin)
        var streamType: CInt { SOCK_STREAM }
    #else
        var streamType: CInt { CInt(SOCK_STREAM.rawValue) }
    #endif

    func withPointer<T>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> T) -> T {
        bytes.withUnsafeBytes { raw in
            // The storage of an array is aligned for any scalar, so it can be read as an address.
            raw.withMemoryRebound(to: sockaddr.self) { pointer in
                body(pointer.baseAddress.unsafelyUnwrapped, socklen_t(raw.count))
            }
        }
    }

    var canBeBound: Bool {
        let raw = socket(family, streamType, 0)
        guard raw >= 0 else { return false }
        defer { _ = Foundation.close(raw) }
        return withPointer { bind(raw, $0, $1) } == 0
    }

    /// The addresses of an endpoint. Names are looked up on a thread of its own: the resolver blocks.
    static func resolve(_ endpoint: Endpoint) async throws -> [SocketAddress] {
        switch endpoint {
        case .unix(let path): [try unix(path)]
        case .tcp(let host, let port):
            try await withCheckedThrowingContinuation { continuation in
                Thread.detachNewThread { continuation.resume(with: Result { try lookUp(host, port: port) }) }
            }
        }
    }

    private static func unix(_ path: String) throws -> SocketAddress {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let name = Array(path.utf8)
        try withUnsafeMutableBytes(of: &address.sun_path) { target in
            guard name.count < target.count else { throw SystemError(ENAMETOOLONG) }
            target.copyBytes(from: name)
        }
        return SocketAddress(family: AF_UNIX, bytes: withUnsafeBytes(of: address) { Array($0) })
    }

    private static func lookUp(_ host: String, port: Int) throws -> [SocketAddress] {
        var hints = addrinfo()
        hints.ai_family = AF_UNSPEC
        #if canImport(Darwin)
            hints.ai_socktype = SOCK_STREAM
        #else
            hints.ai_socktype = CInt(SOCK_STREAM.rawValue)
        #endif
        var list: UnsafeMutablePointer<addrinfo>?
        let code = getaddrinfo(host, String(port), &hints, &list)
        guard code == 0 else { throw LookUpError(text: String(cString: gai_strerror(code))) }
        defer { freeaddrinfo(list) }
        var addresses: [SocketAddress] = []
        var next = list
        while let entry = next {
            if let address = entry.pointee.ai_addr {
                let raw = UnsafeRawBufferPointer(start: address, count: Int(entry.pointee.ai_addrlen))
                addresses.append(SocketAddress(family: entry.pointee.ai_family, bytes: Array(raw)))
            }
            next = entry.pointee.ai_next
        }
        return addresses
    }

    private struct LookUpError: Error, CustomStringConvertible {
        let text: String
        var description: String { text }
    }
}
