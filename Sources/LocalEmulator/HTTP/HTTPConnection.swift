import Foundation
import HTTPClient

/// The server's side of one HTTP/1.1 connection: reads requests, writes answers.
struct HTTPConnection {
    /// Enough for any header a client of ours sends; AWS's load balancer allows 64 KB in total.
    static let maximumHeaderBytes = 64 * 1024
    /// Above every body limit of the emulated services (Lambda 6 MB, SQS 1 MiB, S3 objects of the tests).
    static let maximumBodyBytes = 128 * 1024 * 1024

    private let descriptor: Int32
    private var buffer = Data()

    init(descriptor: Int32) {
        self.descriptor = descriptor
        var enabled: Int32 = 1
        setsockopt(
            descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &enabled, socklen_t(MemoryLayout<Int32>.size))
    }

    /// Reads the next request; `nil` when the peer is gone or does not speak HTTP (which is answered first).
    mutating func readRequest() -> HTTPServerRequest? {
        guard let head = readHead() else { return nil }
        var lines = head.components(separatedBy: "\r\n")
        let start = lines.removeFirst().split(separator: " ", omittingEmptySubsequences: false)
        guard start.count == 3, start[2].hasPrefix("HTTP/1.") else { return refuse(400, "malformed request line") }
        var headers = HTTPHeaders()
        for line in lines where !line.isEmpty {
            guard let (name, value) = Self.field(line) else { return refuse(400, "malformed header line") }
            headers.add(name, value)
        }
        if headers["Expect"]?.lowercased() == "100-continue" {
            _ = send(Data("HTTP/1.1 100 Continue\r\n\r\n".utf8))
        }
        var trailers = HTTPHeaders()
        guard let body = readBody(headers, trailers: &trailers) else { return nil }
        return HTTPServerRequest(
            method: String(start[0]), target: String(start[1]), headers: headers, body: body, trailers: trailers)
    }

    /// Carries out a response; `false` when the connection is to be closed.
    mutating func write(_ response: HTTPServerResponse, to request: HTTPServerRequest) -> Bool {
        switch response {
        case .reset:
            var linger = linger(l_onoff: 1, l_linger: 0)
            setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout<linger>.size))
            return false
        case .hang:
            while fill() {}
            return false
        case .reply(let status, let headers, let body):
            let closing = request.headers["Connection"]?.lowercased() == "close"
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

    private mutating func refuse(_ status: Int, _ reason: String) -> HTTPServerRequest? {
        _ = write(.text(status, reason + "\n"), to: HTTPServerRequest(method: "GET", target: "/"))
        return nil
    }

    private mutating func readHead() -> String? {
        let end = Data("\r\n\r\n".utf8)
        while true {
            if let range = buffer.range(of: end) {
                let head = String(decoding: buffer[..<range.lowerBound], as: UTF8.self)
                buffer = Data(buffer[range.upperBound...])
                return head
            }
            if buffer.count > Self.maximumHeaderBytes {
                _ = refuse(431, "header larger than \(Self.maximumHeaderBytes) bytes")
                return nil
            }
            if !fill() { return nil }
        }
    }

    private mutating func readBody(_ headers: HTTPHeaders, trailers: inout HTTPHeaders) -> Data? {
        if headers["Transfer-Encoding"]?.lowercased() == "chunked" { return readChunks(&trailers) }
        guard let length = headers["Content-Length"] else { return Data() }
        guard let count = Int(length), count >= 0 else {
            _ = refuse(400, "malformed Content-Length")
            return nil
        }
        return read(count)
    }

    private mutating func readChunks(_ trailers: inout HTTPHeaders) -> Data? {
        var body = Data()
        while true {
            guard let line = readLine(), let size = Int(line.prefix { $0 != ";" }, radix: 16), size >= 0 else {
                return nil
            }
            if size == 0 { break }
            guard body.count + size <= Self.maximumBodyBytes, let chunk = read(size), readLine() == "" else {
                return nil
            }
            body.append(chunk)
        }
        while let line = readLine() {
            if line.isEmpty { return body }
            guard let (name, value) = Self.field(line) else { return nil }
            trailers.add(name, value)
        }
        return nil
    }

    private static func field(_ line: String) -> (String, String)? {
        guard let colon = line.firstIndex(of: ":"), colon != line.startIndex else { return nil }
        return (
            String(line[..<colon]),
            line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)
        )
    }

    private mutating func readLine() -> String? {
        let end = Data("\r\n".utf8)
        while true {
            if let range = buffer.range(of: end) {
                let line = String(decoding: buffer[..<range.lowerBound], as: UTF8.self)
                buffer = Data(buffer[range.upperBound...])
                return line
            }
            if buffer.count > Self.maximumHeaderBytes || !fill() { return nil }
        }
    }

    private mutating func read(_ count: Int) -> Data? {
        guard count <= Self.maximumBodyBytes else {
            _ = refuse(413, "body larger than \(Self.maximumBodyBytes) bytes")
            return nil
        }
        while buffer.count < count {
            if !fill() { return nil }
        }
        defer { buffer = Data(buffer.dropFirst(count)) }
        return Data(buffer.prefix(count))
    }

    /// Reads what is there; `false` at the end of the stream.
    private mutating func fill() -> Bool {
        var chunk = [UInt8](repeating: 0, count: 64 * 1024)
        while true {
            let count = recv(descriptor, &chunk, chunk.count, 0)
            if count > 0 {
                buffer.append(contentsOf: chunk[..<count])
                return true
            }
            if count < 0 && errno == EINTR { continue }
            return false
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

/// Reason phrases (RFC 9110, 15).
enum HTTPStatus {
    static func reason(_ status: Int) -> String {
        switch status {
        case 200: "OK"
        case 201: "Created"
        case 202: "Accepted"
        case 204: "No Content"
        case 304: "Not Modified"
        case 400: "Bad Request"
        case 401: "Unauthorized"
        case 402: "Payment Required"
        case 403: "Forbidden"
        case 404: "Not Found"
        case 405: "Method Not Allowed"
        case 409: "Conflict"
        case 412: "Precondition Failed"
        case 413: "Content Too Large"
        case 415: "Unsupported Media Type"
        case 422: "Unprocessable Content"
        case 429: "Too Many Requests"
        case 431: "Request Header Fields Too Large"
        case 500: "Internal Server Error"
        case 502: "Bad Gateway"
        case 503: "Service Unavailable"
        case 504: "Gateway Timeout"
        default: status < 400 ? "Success" : "Error"
        }
    }
}
