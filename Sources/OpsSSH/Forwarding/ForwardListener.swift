#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif
import NIOCore
import NIOPosix
import OpsCore

/// Makes the sockets that `LocalForward` listens on.
enum ForwardListener {
    static func listen(
        _ listener: LocalForward.Listener, group: any EventLoopGroup, clients: ForwardClients
    ) async throws(Diagnostic) -> NIOAsyncChannel<ByteStream, Never> {
        let bootstrap = ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: 128)
            .childChannelOption(.allowRemoteHalfClosure, value: true)
        let note: @Sendable (any Channel) -> EventLoopFuture<ByteStream> = { channel in
            channel.eventLoop.makeCompletedFuture {
                let client = try ByteStream(halfClosing: channel)
                clients.add(client)
                return client
            }
        }
        do {
            switch listener {
            case .port(let port):
                return try await bootstrap.serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
                    .bind(host: "127.0.0.1", port: port, childChannelInitializer: note)
            case .unix(let path):
                return try await bootstrap.bind(try bind(path), childChannelInitializer: note)
            }
        } catch {
            throw problem(listener, error)
        }
    }

    /// Removes a socket's name.
    static func remove(_ path: String) { unlink(path) }

    /// A listening socket that nobody but its owner can connect to, at any moment: the mode is set before it
    /// gets its name. A name left behind by a program that is gone is taken over.
    private static func bind(_ path: String) throws -> CInt {
        #if canImport(Darwin)
        let type = SOCK_STREAM
        #else
        let type = CInt(SOCK_STREAM.rawValue)
        #endif
        let address = try SocketAddress(unixDomainSocketPath: path)
        let descriptor = socket(AF_UNIX, type, 0)
        guard descriptor >= 0 else { throw IOError(errnoCode: errno, reason: "socket") }
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        fchmod(descriptor, 0o600)
        let names: (UnsafePointer<sockaddr>, socklen_t) -> CInt = { Self.name(descriptor, $0, $1, path) }
        guard address.withSockAddr({ names($0, socklen_t($1)) }) == 0 else {
            let error = IOError(errnoCode: errno, reason: "bind")
            close(descriptor)
            throw error
        }
        chmod(path, 0o600)
        return descriptor
    }

    private static func name(
        _ descriptor: CInt, _ address: UnsafePointer<sockaddr>, _ length: socklen_t, _ path: String
    ) -> CInt {
        #if canImport(Darwin)
        let (bind, connect) = (Darwin.bind, Darwin.connect)
        #else
        let (bind, connect) = (Glibc.bind, Glibc.connect)
        #endif
        if bind(descriptor, address, length) == 0 { return 0 }
        guard errno == EADDRINUSE else { return -1 }
        // In use by whom? A probe of the same kind tells; a refused one means nobody.
        var mode = stat()
        guard lstat(path, &mode) == 0, mode.st_mode & S_IFMT == S_IFSOCK, connect(descriptor, address, length) != 0,
            errno == ECONNREFUSED, unlink(path) == 0
        else {
            errno = EADDRINUSE
            return -1
        }
        return bind(descriptor, address, length)
    }

    private static func problem(_ listener: LocalForward.Listener, _ error: any Error) -> Diagnostic {
        let place =
            switch listener {
            case .port(let port): "127.0.0.1:\(port)"
            case .unix(let path): path
            }
        if let error = error as? IOError, error.errnoCode == EADDRINUSE {
            return Diagnostic(code: "port-taken", "\(place) is already in use", hints: ["choose another one"])
        }
        return Diagnostic(code: "cannot-listen", "cannot listen on \(place): \(SystemError.words(error))")
    }
}
