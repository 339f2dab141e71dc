import Foundation
import LocalEmulator
import Testing

@Suite("HTTP server") struct HTTPServerTests {
    /// Sends raw bytes and reads until the server closes.
    private func talk(_ port: Int, _ request: String) throws -> String {
        let connection = try RawConnection(port)
        try connection.send(request)
        var answer = ""
        while true {
            let part = connection.receive()
            if part.isEmpty { return answer }
            answer += part
        }
    }

    private func withEcho(_ body: (HTTPServer) throws -> Void) throws {
        let server = try HTTPServer { request in
            .text(200, "\(request.method) \(request.target) \(String(decoding: request.body, as: UTF8.self))")
        }
        defer { server.stop() }
        try body(server)
    }

    @Test("a chunked body with trailers is put together")
    func chunked() throws {
        try withEcho { server in
            let answer = try talk(
                server.port,
                "POST /x HTTP/1.1\r\nHost: h\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
                    + "3;ext=1\r\nabc\r\n2\r\nde\r\n0\r\nTrailer: t\r\n\r\n")
            #expect(answer.hasSuffix("POST /x abcde"))
        }
    }

    @Test("two requests in one write are answered in order on one connection")
    func pipelining() throws {
        try withEcho { server in
            let answer = try talk(
                server.port, "GET /1 HTTP/1.1\r\n\r\nGET /2 HTTP/1.1\r\nConnection: close\r\n\r\n")
            #expect(answer.components(separatedBy: "HTTP/1.1 200 OK").count == 3)
            #expect(answer.hasSuffix("GET /2 "))
        }
    }

    @Test(
        "what is not HTTP is refused",
        arguments: [
            "nonsense\r\n\r\n", "GET / HTTP/1.1\r\nno colon here\r\n\r\n",
            "POST / HTTP/1.1\r\nContent-Length: many\r\n\r\n", "POST / HTTP/1.1\r\nContent-Length: +5\r\n\r\n",
            "POST / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
            "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n",
            "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nab\r\n",
        ])
    func malformed(request: String) throws {
        try withEcho { server in
            let answer = try talk(server.port, request)
            #expect(answer.hasPrefix("HTTP/1.1 400"))
        }
    }

    /// What becomes of a request whose body is not whole: its body and what the handler was told, and the answer.
    private func incomplete(_ policy: HTTPBodyPolicy, _ body: String) throws -> (seen: [String], answer: String) {
        let seen = Monitor<[String]>([])
        let server = try HTTPServer(bodies: policy) { request in
            let body = String(decoding: request.body, as: UTF8.self)
            seen.withLock { $0.append("\(body) \(request.bodyCompleteness)") }
            return .text(200, "")
        }
        defer { server.stop() }
        let connection = try RawConnection(server.port)
        try connection.send("POST / HTTP/1.1\r\nConnection: close\r\n" + body)
        connection.finishSending()
        let answer = connection.receive()
        return (seen.read { $0 }, answer)
    }

    private static let bodies = [
        "Content-Length: 6\r\n\r\nabc", "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n",
        "Transfer-Encoding: chunked\r\n\r\n6\r\nabc",
    ]

    @Test("a body that breaks off reaches only a handler that wants to know", arguments: bodies)
    func truncated(body: String) throws {
        let refused = try incomplete(.services, body)
        #expect(refused.seen.isEmpty)
        #expect(refused.answer.isEmpty)
        let delivered = try incomplete(HTTPBodyPolicy(maximumBytes: 100, deliversIncompleteBodies: true), body)
        #expect(delivered.seen == ["abc truncated"])
        #expect(delivered.answer.hasPrefix("HTTP/1.1 200"))
    }

    @Test(
        "of a body that is too large the beginning reaches a handler that wants to know, and others answer 413",
        arguments: [
            "Content-Length: 6\r\n\r\nabcdef", "Transfer-Encoding: chunked\r\n\r\n2\r\nab\r\n4\r\ncdef\r\n0\r\n\r\n",
        ])
    func tooLarge(body: String) throws {
        let refused = try incomplete(HTTPBodyPolicy(maximumBytes: 3), body)
        #expect(refused.seen.isEmpty)
        #expect(refused.answer.hasPrefix("HTTP/1.1 413"))
        let delivered = try incomplete(HTTPBodyPolicy(maximumBytes: 3, deliversIncompleteBodies: true), body)
        #expect(delivered.seen == ["abc tooLarge"])
        #expect(delivered.answer.hasPrefix("HTTP/1.1 200"))
    }

    @Test("after a body that is too large the next request on the connection is read")
    func afterTooLarge() throws {
        let server = try HTTPServer(bodies: HTTPBodyPolicy(maximumBytes: 3, deliversIncompleteBodies: true)) {
            .text(200, "\($0.method) \($0.bodyCompleteness)")
        }
        defer { server.stop() }
        let large = String(repeating: "a", count: 1_000_000)
        let answer = try talk(
            server.port,
            "POST / HTTP/1.1\r\nContent-Length: \(large.utf8.count)\r\n\r\n\(large)"
                + "GET / HTTP/1.1\r\nConnection: close\r\n\r\n")
        #expect(answer.contains("POST tooLarge"))
        #expect(answer.hasSuffix("GET complete"))
    }

    @Test("a body that comes byte by byte is put together, and the next request on the connection is read")
    func slowly() throws {
        try withEcho { server in
            let connection = try RawConnection(server.port)
            let request =
                "POST /1 HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1;x=y\r\nc\r\n0\r\n\r\n"
            for byte in request.unicodeScalars { try connection.send(String(byte)) }
            #expect(connection.receive().hasSuffix("POST /1 abc"))
            try connection.send("GET /2 HTTP/1.1\r\n\r\n")
            #expect(connection.receive().hasSuffix("GET /2 "))
        }
    }

    @Test("a header larger than 64 KB is 431")
    func largeHeader() throws {
        try withEcho { server in
            let answer = try talk(server.port, "GET / HTTP/1.1\r\nX: \(String(repeating: "a", count: 65_600))\r\n\r\n")
            #expect(answer.hasPrefix("HTTP/1.1 431"))
        }
    }

    @Test("a connection above the limit waits until another one ends, and is then served")
    func limit() throws {
        let seen = Monitor<[String]>([])
        let server = try HTTPServer(maximumConnections: 1) { request in
            seen.withLock { $0.append(request.target) }
            return .text(200, "")
        }
        defer { server.stop() }
        let first = try RawConnection(server.port)
        try first.send("GET /first HTTP/1.1\r\n\r\n")
        _ = first.receive()
        let second = try RawConnection(server.port)
        try second.send("GET /second HTTP/1.1\r\n\r\n")
        for _ in 0..<20 {
            try first.send("GET /first HTTP/1.1\r\n\r\n")
            _ = first.receive()
        }
        #expect(seen.read { $0 } == Array(repeating: "/first", count: 21))
        first.close()
        #expect(second.receive().hasPrefix("HTTP/1.1 200"))
    }

    @Test("stop ends the connections there are, and frees the port")
    func stop() throws {
        let server = try HTTPServer { _ in .text(200, "") }
        let connection = try RawConnection(server.port)
        try connection.send("GET / HTTP/1.1\r\n\r\n")
        #expect(connection.receive().hasPrefix("HTTP/1.1 200"))
        server.stop()
        server.stop()
        #expect(connection.receive() == "", "the connection is still open")
        #expect(
            eventually {
                guard let next = try? HTTPServer(port: server.port, handler: { _ in .text(200, "") }) else {
                    return false
                }
                next.stop()
                return true
            })
    }

    @Test("a port that is taken is named")
    func portTaken() throws {
        try withEcho { server in
            let error = #expect(throws: HTTPServerError.self) {
                try HTTPServer(port: server.port) { _ in .text(200, "") }
            }
            #expect(error == .portTaken(host: "127.0.0.1", port: server.port))
            #expect(error?.description.contains("port \(server.port)") == true)
        }
    }
}
