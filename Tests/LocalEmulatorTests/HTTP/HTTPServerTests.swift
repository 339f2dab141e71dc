import Foundation
import LocalEmulator
import Testing

@Suite("HTTP server") struct HTTPServerTests {
    /// Sends raw bytes and reads until the server closes.
    private func talk(_ port: Int, _ request: String) throws -> String {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        inet_pton(AF_INET, "127.0.0.1", &address.sin_addr)
        let connected = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        try #require(connected == 0)
        _ = request.withCString { send(descriptor, $0, request.utf8.count, Int32(MSG_NOSIGNAL)) }
        var answer: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = recv(descriptor, &chunk, chunk.count, 0)
            if count <= 0 { break }
            answer += chunk[..<count]
        }
        return String(decoding: answer, as: UTF8.self)
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
            "POST / HTTP/1.1\r\nContent-Length: many\r\n\r\n",
        ])
    func malformed(request: String) throws {
        try withEcho { server in
            let answer = try talk(server.port, request)
            #expect(answer.hasPrefix("HTTP/1.1 400"))
        }
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
