import CurlEventLoop
import Foundation
import HTTPClient
import LocalEmulator
import Testing

@Suite("HTTPClient") struct HTTPClientTests {
    /// Runs a request against a server that answers as the handler says.
    private func exchange(_ request: (String) -> HTTPRequest, _ handler: @escaping HTTPServer.Handler) throws
        -> HTTPResponse
    {
        let server = try HTTPServer(handler: handler)
        defer { server.stop() }
        let loop = EventLoop()
        let client = HTTPClient(loop: loop)
        let request = request("http://127.0.0.1:\(server.port)")
        return try loop.run { try await client.send(request) }
    }

    private func failure(_ request: HTTPRequest) throws -> HTTPClientError? {
        let loop = EventLoop()
        let client = HTTPClient(loop: loop)
        return try loop.run {
            do throws(HTTPClientError) {
                _ = try await client.send(request)
                return nil
            } catch {
                return error
            }
        }
    }

    @Test("method, headers and body arrive as given, and nothing is added that was not asked for")
    func request() throws {
        let response = try exchange { base in
            HTTPRequest(
                method: "PUT", url: base + "/a%20b?x=1&x=2", headers: ["X-One": "1", "X-Empty": ""],
                body: Data("body".utf8))
        } _: { request in
            let names = request.headers.pairs.map { $0.name.lowercased() }.sorted()
            let document: JSONValue = [
                "method": .string(request.method), "target": .string(request.target),
                "body": .string(String(decoding: request.body, as: UTF8.self)),
                "one": .string(request.headers["x-one"] ?? ""), "names": .array(names.map { .string($0) }),
            ]
            return .json(201, document)
        }
        let seen = try JSONValue(parsing: response.body)
        #expect(response.status == 201)
        #expect(seen["method"] == "PUT")
        #expect(seen["target"] == "/a%20b?x=1&x=2")
        #expect(seen["body"] == "body")
        #expect(seen["names"] == ["content-length", "host", "x-empty", "x-one"])
    }

    @Test("response headers are found without regard to case, repeated ones all", arguments: ["x-seen", "X-SEEN"])
    func headers(name: String) throws {
        let response = try exchange({ HTTPRequest(url: $0) }) { _ in
            .reply(status: 200, headers: HTTPHeaders([("X-Seen", "a"), ("x-SEEN", "b")]), body: Data())
        }
        #expect(response.headers[name] == "a")
        #expect(response.headers.values(name) == ["a", "b"])
    }

    @Test("an empty POST carries a length of zero, and an empty answer is empty")
    func emptyBodies() throws {
        let response = try exchange({ HTTPRequest(method: "POST", url: $0) }) { request in
            .text(request.headers["Content-Length"] == "0" ? 200 : 500, "")
        }
        #expect(response.status == 200)
        #expect(response.body.isEmpty)
    }

    @Test("redirects are returned, not followed")
    func redirect() throws {
        let response = try exchange({ HTTPRequest(url: $0) }) { _ in
            .reply(status: 302, headers: ["Location": "http://127.0.0.1:1/elsewhere"], body: Data())
        }
        #expect(response.status == 302)
    }

    @Test("several requests are under way at once")
    func concurrency() throws {
        let count = 8
        let arrived = Monitor(0)
        // Nobody is answered before all are there: one after the other would never end.
        let server = try HTTPServer { _ in
            arrived.withLock { $0 += 1 }
            let all = arrived.wait(untilMilliseconds: EmulatorClock.nowMilliseconds() + 20_000) {
                $0 == count ? true : nil
            }
            return .text(all == true ? 200 : 500, "")
        }
        defer { server.stop() }
        let loop = EventLoop()
        let client = HTTPClient(loop: loop)
        let request = HTTPRequest(url: "http://127.0.0.1:\(server.port)")
        let statuses = try loop.run {
            try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<count { group.addTask { try await client.send(request).status } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
        }
        #expect(statuses == Array(repeating: 200, count: count))
    }

    @Test("D-02: a refused connection certainly sent nothing")
    func refused() throws {
        let server = try HTTPServer { _ in .text(200, "") }
        let port = server.port
        server.stop()
        let error = try failure(HTTPRequest(url: "http://127.0.0.1:\(port)"))
        guard case .notSent = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(error?.requestMayHaveBeenProcessed == false)
    }

    @Test("D-02: silence until the deadline may have been processed")
    func silence() throws {
        let server = try HTTPServer { _ in .hang }
        defer { server.stop() }
        let error = try failure(
            HTTPRequest(method: "POST", url: "http://127.0.0.1:\(server.port)", body: Data(), timeoutMilliseconds: 200))
        guard case .timedOut = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(error?.requestMayHaveBeenProcessed == true)
    }

    @Test("D-02: a connection that breaks after the request may have been processed")
    func reset() throws {
        let server = try HTTPServer { _ in .reset }
        defer { server.stop() }
        let error = try failure(
            HTTPRequest(method: "POST", url: "http://127.0.0.1:\(server.port)", body: Data("x".utf8)))
        guard case .connectionLost = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(error?.requestMayHaveBeenProcessed == true)
    }

    @Test(
        "what cannot be a request is refused before anything is sent",
        arguments: [
            HTTPRequest(url: "file:///etc/passwd"), HTTPRequest(url: "not a url"),
            HTTPRequest(url: "http://127.0.0.1:1", headers: ["X-Split": "a\r\nInjected: b"]),
        ])
    func invalid(request: HTTPRequest) throws {
        guard case .invalidRequest = try failure(request) else {
            Issue.record("was not refused as invalid")
            return
        }
    }
}
