import Foundation
import NIOCore
import NIOPosix
import OpsCore
import OpsSSH
import OpsTransport
import Testing

@Suite struct ForwardingTests {
    let server: SSHServer
    let transport: SSHTransport

    init() async throws {
        server = try await SSHServer()
        transport = try await SSHConnector().connect(to: await server.target())
    }

    @Test func carriesTCPBothWaysWithHalfClose() async throws {
        let echo = try await EchoServer.tcp()
        let socket = try await transport.connect(to: .tcp(host: "127.0.0.1", port: echo.port))
        let payload = [UInt8](repeating: 42, count: 3 << 20)
        #expect(try await TestClient.exchange(socket, payload) == payload)
    }

    /// What it has not taken yet when the host has ended is not lost, though its own direction ended long before.
    @Test func aSlowReaderGetsEverything() async throws {
        let echo = try await EchoServer.tcp()
        let transport = transport
        // Unix sockets buffer little, so that much is still to be written when the host has ended.
        let directory = try TemporaryDirectory()
        let path = "\(directory.path)/listener"
        let forward = try await LocalForward.start(.unix(path: path), to: .tcp(host: "127.0.0.1", port: echo.port)) {
            () async throws(TransportError) in transport
        }
        let payload = [UInt8](repeating: 7, count: 6 << 20)
        let client = try await TestClient.dial(unix: path)
        let answer = try await TestClient.exchange(client, payload, pause: .milliseconds(3))
        #expect(answer.count == payload.count)
        await forward.close()
    }

    @Test func carriesUnixSockets() async throws {
        let echo = try await EchoServer.unix()
        let socket = try await transport.connect(to: .unix(path: echo.path))
        #expect(try await TestClient.exchange(socket, Array("hello".utf8)) == Array("hello".utf8))
    }

    @Test func saysThatNothingListens() async throws {
        let port = try FreePort.find()
        do {
            _ = try await transport.connect(to: .tcp(host: "127.0.0.1", port: port))
            Issue.record("connected")
        } catch TransportError.channelRefused(_, let what, let reason) {
            #expect(what == "127.0.0.1:\(port)")
            #expect(reason.lowercased().contains("refused") || reason.contains("cannot connect"))
        }
    }

    @Test func listensForClients() async throws {
        let echo = try await EchoServer.tcp()
        let transport = transport
        let forward = try await LocalForward.start(.port(0), to: .tcp(host: "127.0.0.1", port: echo.port)) {
            () async throws(TransportError) in transport
        }
        let port = try #require(forward.port)
        let answers = try await withThrowingTaskGroup(of: Bool.self) { group in
            for number in 0..<20 {
                group.addTask {
                    let payload = Array("client \(number)".utf8)
                    return try await TestClient.exchange(try await TestClient.dial(port), payload) == payload
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(answers == Array(repeating: true, count: 20))
        await forward.close()
        #expect(forward.connections == 0)
        await #expect(throws: (any Error).self) { try await TestClient.exchange(TestClient.dial(port), []) }
    }

    @Test func listensOnUnixSocketsForTheOwnerOnly() async throws {
        let echo = try await EchoServer.tcp()
        let directory = try TemporaryDirectory()
        let path = "\(directory.path)/forward"
        let transport = transport
        for _ in 0..<2 {
            let forward = try await LocalForward.start(.unix(path: path), to: .tcp(host: "127.0.0.1", port: echo.port)) {
                () async throws(TransportError) in transport
            }
            let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
            #expect(mode == 0o600)
            let stream = try await TestClient.dial(unix: path)
            #expect(try await TestClient.exchange(stream, Array("hi".utf8)) == Array("hi".utf8))
            await forward.close()
            #expect(!FileManager.default.fileExists(atPath: path))
        }
    }

    @Test func saysThatThePortIsTaken() async throws {
        let taken = try FreePort.bind(port: 0)
        defer { close(taken.descriptor) }
        let transport = transport
        do {
            _ = try await LocalForward.start(.port(taken.port), to: .unix(path: "/x")) {
                () async throws(TransportError) in transport
            }
            Issue.record("listens")
        } catch {
            #expect(error.code == "port-taken")
        }
    }

    @Test func tellsWhenAnEndpointCannotBeReached() async throws {
        let closed = try FreePort.find()
        let (failures, report) = AsyncStream.makeStream(of: TransportError.self)
        let transport = transport
        let forward = try await LocalForward.start(
            .port(0), to: .tcp(host: "127.0.0.1", port: closed), onFailure: { report.yield($0) }
        ) { () async throws(TransportError) in transport }
        let port = try #require(forward.port)
        #expect(try await TestClient.exchange(TestClient.dial(port), []) == [])
        var first = failures.makeAsyncIterator()
        guard case .channelRefused = await first.next() else {
            Issue.record("another failure")
            return
        }
        await forward.close()
    }
}
