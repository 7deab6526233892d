import Foundation
import NIOSSL
import OpsCore
import OpsTransport
import Testing

@testable import OpsMonitoring

@Suite struct HTTPClientTests {
    @Test func requestsArriveAsTheyWereMade() async throws {
        let server = try await TestServer { request in
            .answer(
                201,
                "\(request.method) \(request.target) \(request.header("x-id") ?? "") \(request.header("authorization") ?? "") "
                    + String(decoding: request.body, as: UTF8.self), headers: [("X-Answer", "yes")])
        }
        let client = HTTPClient.local()
        let response = try await client.send(
            HTTPRequest(
                HTTPURL("http://127.0.0.1:\(server.port)/a%20b?q=1"), method: "POST",
                headers: [HTTPHeader("x-id", "7")],
                body: Array("hello".utf8), credentials: HTTPCredentials(user: "me", password: Secret("pw"))))
        #expect(response.status == 201)
        #expect(response.text == "POST /a%20b?q=1 7 Basic bWU6cHc= hello")
        #expect(response[header: "x-answer"] == "yes")
        await client.close()
        await server.close()
    }

    @Test func connectionsAreUsedAgain() async throws {
        let server = try await TestServer { _ in .answer(200, "ok") }
        let client = HTTPClient.local()
        for _ in 0..<50 { #expect(try await client.send(HTTPRequest(server.base)).status == 200) }
        #expect(server.connectionCount == 1)
        try await withThrowingTaskGroup { group in
            for _ in 0..<40 { group.addTask { try await client.send(HTTPRequest(server.base)).text } }
            for try await text in group { #expect(text == "ok") }
        }
        #expect(server.connectionCount <= 40)
        await client.close()
        await server.close()
    }

    @Test func aConnectionThatTheServerClosedIsReplaced() async throws {
        let counter = Counter()
        let server = try await TestServer { _ in
            counter.add()
            return counter.value == 2 ? .hangUp : .answer(200, "ok")
        }
        let client = HTTPClient.local()
        #expect(try await client.send(HTTPRequest(server.base)).text == "ok")
        #expect(try await client.send(HTTPRequest(server.base)).text == "ok")
        #expect(counter.value == 3)
        await client.close()
        await server.close()
    }

    @Test func timeoutsInterrupt() async throws {
        let server = try await TestServer { _ in .silence }
        let client = HTTPClient.local()
        let url = try server.base
        let began = ContinuousClock.now
        await #expect(throws: HTTPError.timedOut(url: "\(url)", after: .milliseconds(200))) {
            _ = try await client.send(HTTPRequest(url, timeout: .milliseconds(200)))
        }
        #expect(began.duration(to: .now) < .seconds(8))
        let task = Task { try await client.send(HTTPRequest(url)) }
        try await Task.sleep(for: .milliseconds(50))
        task.cancel()
        await #expect(throws: HTTPError.cancelled(url: "\(url)")) { _ = try await task.value }
        await client.close()
        await server.close()
    }

    @Test func endlessBodiesAreCutOff() async throws {
        let server = try await TestServer { _ in .endless }
        let client = HTTPClient.local()
        let response = try await client.send(HTTPRequest(server.base, bodyLimit: 100_000))
        #expect(response.isTruncated)
        #expect(response.body.count == 100_000)
        await client.close()
        await server.close()
    }

    @Test func whatIsNotHTTPIsSaid() async throws {
        let server = try await TestServer { _ in .raw("220 mail.example ESMTP\r\n") }
        let client = HTTPClient.local()
        let url = try server.base
        await #expect(throws: HTTPError.closed(url: "\(url)", reason: "what it says is not HTTP")) {
            _ = try await client.send(HTTPRequest(url))
        }
        await client.close()
        await server.close()
    }

    @Test func whereNothingListensTheReasonIsSaid() async throws {
        let server = try await TestServer { _ in .silence }
        let url = try server.base
        await server.close()
        let client = HTTPClient.local()
        await #expect(throws: HTTPError.connectFailed(url: "\(url)", reason: "Connection refused")) {
            _ = try await client.send(HTTPRequest(url))
        }
        await client.close()
    }

    @Test func redirectsAreFollowedWhenAskedTo() async throws {
        let other = try await TestServer { .answer(200, "there \($0.header("authorization") ?? "without login")") }
        let target = try other.base
        let server = try await TestServer { request in
            switch request.path {
            case "/a": .answer(302, "", headers: [("Location", "/b?x=1")])
            case "/b": .answer(200, "here \(request.header("authorization") ?? "")")
            case "/far": .answer(301, "", headers: [("Location", "\(target)")])
            default: .answer(302, "", headers: [("Location", request.path)])
            }
        }
        let client = HTTPClient.local()
        let login = HTTPCredentials(user: "a", password: Secret("b"))
        func get(_ path: String, redirects: Int) async throws -> HTTPResponse {
            try await client.send(HTTPRequest(server.base.appending(path), credentials: login, redirects: redirects))
        }
        #expect(try await get("/a", redirects: 0).redirect == "/b?x=1")
        #expect(try await get("/a", redirects: 3).text == "here Basic YTpi")
        #expect(try await get("/far", redirects: 3).text == "there without login")
        #expect(try await get("/loop", redirects: 5).status == 302)
        await client.close()
        await server.close()
        await other.close()
    }

    @Test func socketPairsOfATransportWork() async throws {
        let server = try await TestServer { _ in .answer(200, "ok") }
        let directory = NSTemporaryDirectory() + "ops-\(UUID().uuidString.prefix(8))"
        // A Unix socket in front of the server, as a forwarded channel is one.
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = [
            "python3", "-c",
            """
            import socket,sys,threading
            l=socket.socket(socket.AF_UNIX); l.bind(sys.argv[1]); l.listen()
            c,_=l.accept(); s=socket.create_connection(('127.0.0.1',int(sys.argv[2])))
            def copy(a,b):
                while True:
                    d=a.recv(65536)
                    if not d: break
                    b.sendall(d)
            threading.Thread(target=copy,args=(c,s),daemon=True).start(); copy(s,c)
            """, directory, String(server.port),
        ]
        try process.run()
        while !FileManager.default.fileExists(atPath: directory) { try await Task.sleep(for: .milliseconds(20)) }
        try await Task.sleep(for: .milliseconds(50))
        let client = HTTPClient.local()
        let url = try HTTPURL("http://docker/", endpoint: .unix(path: directory))
        #expect(try await client.send(HTTPRequest(url)).text == "ok")
        await client.close()
        await server.close()
        process.terminate()
        try FileManager.default.removeItem(atPath: directory)
    }

    @Test(arguments: [
        "", "ftp://a/", "http://", "http://user:pw@a/", "http://a:0/", "http://a:99999/", "/x", "http://a b/",
    ])
    func strangeURLsAreRefused(_ text: String) {
        #expect(throws: HTTPError.invalidURL(text)) { _ = try HTTPURL(text) }
    }

    @Test func urlsAreTakenApart() throws {
        let url = try HTTPURL("https://[::1]:8443/base/?x=1")
        #expect(url.host == "::1")
        #expect(url.endpoint == .tcp(host: "::1", port: 8443))
        #expect("\(url)" == "https://[::1]:8443/base/?x=1")
        let call = url.appending("/api", query: ["query": "up{job=\"a\"} > 0&b"])
        #expect(call.target == "/base/api?query=up%7Bjob%3D%22a%22%7D%20%3E%200%26b")
        #expect("\(try HTTPURL("http://grafana:80"))" == "http://grafana/")
    }
}
