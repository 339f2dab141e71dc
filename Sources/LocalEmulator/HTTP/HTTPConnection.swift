import CurlEventLoop
import Foundation

/// The server's side of one HTTP/1.1 connection: reads requests, writes answers.
struct HTTPConnection {
    /// Enough for any header a client of ours sends; AWS's load balancer allows 64 KB in total.
    static let maximumHeaderBytes = 64 * 1024

    private let descriptor: Int32
    private let bodies: HTTPBodyPolicy
    private var input: HTTPInput

    init(descriptor: Int32, bodies: HTTPBodyPolicy) {
        self.descriptor = descriptor
        self.bodies = bodies
        input = HTTPInput(descriptor: descriptor)
        var enabled: Int32 = 1
        setsockopt(
            descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &enabled, socklen_t(MemoryLayout<Int32>.size))
    }

    /// Reads the next request; `nil` when the peer is gone or does not speak HTTP (which is answered first).
    mutating func readRequest() -> HTTPServerRequest? {
        do {
            return try readWholeRequest()
        } catch {
            if case .refused(let status, let reason) = error {
                _ = write(.text(status, reason + "\n"), to: HTTPServerRequest(method: "GET", target: "/"))
            }
            return nil
        }
    }

    /// Carries out a response; `false` when the connection is to be closed.
    mutating func write(_ response: HTTPServerResponse, to request: HTTPServerRequest) -> Bool {
        switch response {
        case .reset:
            var linger = linger(l_onoff: 1, l_linger: 0)
            setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout<linger>.size))
            return false
        case .hang:
            input.skipToEnd()
            return false
        case .reply(let status, let headers, let body):
            let closing =
                request.headers["Connection"]?.lowercased() == "close" || request.bodyCompleteness == .truncated
            var head = "HTTP/1.1 \(status) \(HTTPStatus.reason(status))\r\n"
            for (name, value) in headers.pairs where name.lowercased() != "content-length" {
                head += "\(name): \(value)\r\n"
            }
            let hasBody = status != 204 && status != 304
            if hasBody { head += "Content-Length: \(body.count)\r\n" }
            if closing { head += "Connection: close\r\n" }
            head += "\r\n"
            var message = Data(head.utf8)
            if hasBody && request.method != "HEAD" { message.append(body) }
            return send(message) && !closing
        }
    }

    private func send(_ data: Data) -> Bool {
        data.withUnsafeBytes { bytes in
            var sent = 0
            while sent < bytes.count {
                let count = Glibc.send(
                    descriptor, bytes.baseAddress?.advanced(by: sent), bytes.count - sent, Int32(MSG_NOSIGNAL))
                if count < 0 && errno == EINTR { continue }
                if count <= 0 { return false }
                sent += count
            }
            return true
        }
    }
}

// MARK: - Reading

extension HTTPConnection {
    /// Why there is no request.
    private enum ReadError: Error {
        case closed
        case refused(status: Int, reason: String)

        static func malformed(_ what: String) -> ReadError { .refused(status: 400, reason: "malformed \(what)") }
    }

    private mutating func readWholeRequest() throws(ReadError) -> HTTPServerRequest {
        let start = try readLine("request line").split(separator: " ", omittingEmptySubsequences: false)
        guard start.count == 3, start[2].hasPrefix("HTTP/1.") else { throw .malformed("request line") }
        let headers = try readFields()
        if headers["Expect"]?.lowercased() == "100-continue" {
            _ = send(Data("HTTP/1.1 100 Continue\r\n\r\n".utf8))
        }
        var request = HTTPServerRequest(method: String(start[0]), target: String(start[1]), headers: headers)
        try readBody(of: &request)
        if request.bodyCompleteness != .complete && !bodies.deliversIncompleteBodies { throw .closed }
        return request
    }

    private mutating func readLine(_ what: String, limit: Int = maximumHeaderBytes) throws(ReadError) -> String {
        do {
            return try input.readLine(limit: limit)
        } catch {
            switch error {
            case .closed: throw .closed
            case .malformedLine: throw .malformed(what)
            case .lineTooLong:
                throw .refused(status: 431, reason: "header larger than \(Self.maximumHeaderBytes) bytes")
            }
        }
    }

    /// Reads header or trailer fields up to the empty line.
    private mutating func readFields() throws(ReadError) -> HTTPHeaders {
        var fields = HTTPHeaders()
        var room = Self.maximumHeaderBytes
        while true {
            let line = try readLine("header line", limit: room)
            if line.isEmpty { return fields }
            room -= line.utf8.count
            guard let colon = line.firstIndex(of: ":"), colon != line.startIndex else {
                throw .malformed("header line")
            }
            let value = line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)
            fields.add(String(line[..<colon]), value)
        }
    }

    private mutating func readBody(of request: inout HTTPServerRequest) throws(ReadError) {
        if let coding = request.headers["Transfer-Encoding"] {
            guard coding.lowercased() == "chunked" else {
                throw .refused(status: 501, reason: "transfer coding \(coding) is not supported")
            }
            // Two framings of one body are how requests are smuggled (RFC 9112, 6.1).
            guard request.headers["Content-Length"] == nil else { throw .malformed("framing") }
            return try readChunks(of: &request)
        }
        guard let text = request.headers["Content-Length"] else { return }
        guard text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let count = Int(text) else {
            throw .malformed("Content-Length")
        }
        try readPart(count, of: &request)
    }

    private mutating func readChunks(of request: inout HTTPServerRequest) throws(ReadError) {
        do throws(ReadError) {
            while true {
                let line = try readLine("chunk size")
                let digits = line.prefix { $0 != ";" }.trimmingCharacters(in: .whitespaces)
                guard let size = UInt32(digits, radix: 16), digits.utf8.first != UInt8(ascii: "+") else {
                    throw .malformed("chunk size")
                }
                if size == 0 { break }
                try readPart(Int(size), of: &request)
                guard request.bodyCompleteness != .truncated else { return }
                guard try readLine("chunk").isEmpty else { throw .malformed("chunk") }
            }
            request.trailers = try readFields()
        } catch {
            guard case .closed = error else { throw error }
            request.bodyCompleteness = .truncated
        }
    }

    /// Reads the next bytes of a body. What is above the limit is read and dropped, so that the peer sees the answer.
    private mutating func readPart(_ count: Int, of request: inout HTTPServerRequest) throws(ReadError) {
        let room = bodies.maximumBytes - request.body.count
        if count > room {
            guard bodies.deliversIncompleteBodies else {
                throw .refused(status: 413, reason: "body larger than \(bodies.maximumBytes) bytes")
            }
            request.bodyCompleteness = .tooLarge
        }
        let kept = min(count, room)
        guard input.read(kept, appendingTo: &request.body), input.skip(count - kept) else {
            request.bodyCompleteness = .truncated
            return
        }
    }
}
