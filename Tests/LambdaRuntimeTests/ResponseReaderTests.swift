import Testing
import Wire

@testable import LambdaRuntime

/// Hands out given bytes, so many at a time, and then ends.
private final class ScriptedSource: ByteSource {
    private var rest: ArraySlice<UInt8>
    private let step: Int

    init(_ bytes: [UInt8], step: Int) {
        rest = bytes[...]
        self.step = step
    }

    func read(into buffer: UnsafeMutableRawBufferPointer) -> Int {
        let piece = rest.prefix(min(step, buffer.count))
        buffer.copyBytes(from: piece)
        rest = rest.dropFirst(piece.count)
        return piece.count
    }
}

/// What one response came to.
private struct Outcome: Equatable {
    var status = 0
    var body = ""
    var requestID: String?
    var keepsConnection = true
}

@Suite("Responses of the Runtime API") struct ResponseReaderTests {
    private func read(_ bytes: [UInt8], step: Int = .max, count: Int = 1) throws(ConnectionError) -> [Outcome] {
        let source = ScriptedSource(bytes, step: step)
        var reader = ResponseReader()
        var response = Response()
        var outcomes: [Outcome] = []
        for _ in 0..<count {
            try reader.read(&response, from: source)
            let body = response.body.takeBytes()
            outcomes.append(
                Outcome(
                    status: response.status, body: String(decoding: body, as: UTF8.self),
                    requestID: response.metadata.requestID, keepsConnection: response.keepsConnection))
        }
        return outcomes
    }

    private func read(_ text: String, step: Int = .max) throws(ConnectionError) -> Outcome? {
        try read(Array(text.utf8), step: step).first
    }

    private static let valid: [(String, Outcome)] = [
        ("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi", Outcome(status: 200, body: "hi")),
        ("HTTP/1.1 202\r\ncontent-length:0\r\n\r\n", Outcome(status: 202)),
        ("HTTP/1.1 200 OK\nContent-Length: 2\n\nhi", Outcome(status: 200, body: "hi")),
        (
            "HTTP/1.1 100 Continue\r\nLambda-Runtime-Aws-Request-Id: interim\r\n\r\nHTTP/1.1 200 OK\r\n"
                + "Lambda-Runtime-Aws-Request-Id: final\r\nContent-Length: 0\r\n\r\n",
            Outcome(status: 200, requestID: "final")
        ),
        (
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;name=\"v\"\r\nabc\r\n0a \r\n0123456789\r\n"
                + "0\r\nTrailer: x\r\n\r\n",
            Outcome(status: 200, body: "abc0123456789")
        ),
        ("HTTP/1.1 200 OK\r\n\r\nto the end", Outcome(status: 200, body: "to the end", keepsConnection: false)),
        (
            "HTTP/1.1 200 OK\r\nConnection: Keep-Alive, Close\r\nContent-Length: 1\r\n\r\nx",
            Outcome(status: 200, body: "x", keepsConnection: false)
        ),
        (
            "HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\nx",
            Outcome(status: 200, body: "x", keepsConnection: false)
        ),
        (
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: identity\r\nContent-Length: 1\r\n\r\nx",
            Outcome(status: 200, body: "x")
        ),
        ("HTTP/1.1 204 None\r\n\r\n", Outcome(status: 204)),
        (
            "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nxsurplus",
            Outcome(status: 200, body: "x", keepsConnection: false)
        ),
    ]

    @Test("every framing is read, whole or in pieces of any size", arguments: valid.indices, [1, 2, 7, Int.max])
    func framings(index: Int, step: Int) throws {
        let (text, expected) = Self.valid[index]
        var outcome = try #require(try read(text, step: step))
        // What came behind a response is noticed only when it came with it.
        if text.hasSuffix("surplus"), step < 9 { outcome.keepsConnection = false }
        #expect(outcome == expected)
    }

    @Test(
        "what is no response, and what ends too early, is refused",
        arguments: [
            "", "H", "HTTP/1.1 200 OK\r\n", "HTTP/2 200 OK\r\n\r\n", "ICY 200 OK\r\n\r\n", "HTTP/1.1 abc OK\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nhi", "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nhi",
            "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabc",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabcd\r\n0\r\n\r\n",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffffff\r\n",
            "HTTP/1.1 100 Continue\r\n\r\n", "HTTP/1.1 101 Switching\r\nUpgrade: h2c\r\n\r\n",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n0\r\n\r\n",
        ])
    func refusals(text: String) {
        #expect(throws: ConnectionError.self) { try read(text) }
    }

    @Test("only an end before the first byte leaves open whether the server saw the request")
    func firstByte() {
        #expect(throws: ConnectionError.broken("it was closed", hasBegun: false)) { try read("") }
        #expect(throws: ConnectionError.broken("it was closed", hasBegun: true)) { try read("HTTP/1.1 200") }
    }

    @Test("while a request is still being sent, interim responses do not end it; the final one does, and is kept")
    func earlyAnswers() throws {
        let interim = "HTTP/1.1 100 Continue\r\nX: y\r\n\r\n"
        let final = "HTTP/1.1 413 Large\r\nContent-Length: 2\r\n\r\nno"
        var reader = ResponseReader()
        var response = Response()
        let source = ScriptedSource(Array((interim + final).utf8), step: interim.utf8.count)
        #expect(try !reader.finalAnswerHasBegun(source))
        #expect(try reader.finalAnswerHasBegun(source))
        try reader.read(&response, from: source)
        #expect(response.status == 413)
        #expect(String(decoding: response.body.takeBytes(), as: UTF8.self) == "no")
    }

    @Test("heads and bodies have limits")
    func limits() {
        let line = "HTTP/1.1 200 OK\r\nX: " + String(repeating: "x", count: ResponseReader.maximumHeadBytes)
        #expect(throws: ConnectionError.malformed("a line of the head is too long")) { try read(line) }
        let fields = String(repeating: "X: \(String(repeating: "x", count: 1000))\r\n", count: 300)
        #expect(throws: ConnectionError.malformed("the head is too long")) { try read("HTTP/1.1 200 OK\r\n" + fields) }
        let body = "HTTP/1.1 200 OK\r\nContent-Length: \(ResponseReader.maximumBodyBytes + 1)\r\n\r\n"
        #expect(throws: ConnectionError.malformed("the body is too long")) { try read(body) }
    }

    @Test("responses on one connection do not mix")
    func sequence() throws {
        let one = "HTTP/1.1 200 OK\r\nLambda-Runtime-Aws-Request-Id: 1\r\nContent-Length: 3\r\n\r\none"
        let two = "HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n"
        // A server answers only what it was asked: the second comes with a later read.
        let outcomes = try read(Array((one + two).utf8), step: one.utf8.count, count: 2)
        #expect(outcomes == [Outcome(status: 200, body: "one", requestID: "1"), Outcome(status: 202)])
    }

    @Test("whatever the bytes are, reading ends with a response or an error")
    func fuzz() {
        var generator = SystemRandomNumberGenerator()
        for round in 0..<4000 {
            let (text, _) = Self.valid[round % Self.valid.count]
            var bytes = Array(text.utf8)
            for _ in 0..<Int.random(in: 1...4, using: &generator) {
                let index = Int.random(in: 0..<bytes.count, using: &generator)
                switch Int.random(in: 0..<3, using: &generator) {
                case 0: bytes[index] = .random(in: 0...255, using: &generator)
                case 1: bytes.remove(at: index)
                default: bytes.insert(.random(in: 0...255, using: &generator), at: index)
                }
                if bytes.isEmpty { bytes = [0] }
            }
            let outcome = Result { try read(bytes, step: round % 5 + 1) }
            if case .success(let outcomes) = outcome { #expect((200...999).contains(outcomes[0].status)) }
        }
    }
}
