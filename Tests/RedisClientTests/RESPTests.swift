import Foundation
import Testing

@testable import RedisClient

@Suite("Redis wire format")
struct RESPTests {
    static let complete: [(String, RESPReply)] = [
        ("+OK\r\n", .status("OK")),
        ("-WRONGTYPE Operation against a key\r\n", .error(code: "WRONGTYPE", message: "Operation against a key")),
        ("-LOADING\r\n", .error(code: "LOADING", message: "")),
        (":-42\r\n", .integer(-42)),
        ("$-1\r\n", .bulk(nil)),
        ("$0\r\n\r\n", .bulk(Data())),
        ("$7\r\nab\r\nc\u{0}d\r\n", .bulk(Data("ab\r\nc\u{0}d".utf8))),
    ]

    @Test("a complete answer is read, with its length", arguments: complete.indices)
    func readsComplete(index: Int) throws {
        let (text, expected) = Self.complete[index]
        let decoded = try #require(try RESP.decode(Array(text.utf8)))
        #expect(decoded.reply == expected)
        #expect(decoded.length == text.utf8.count)
        let followed = try #require(try RESP.decode(Array((text + "+MORE\r\n").utf8)))
        #expect(followed.length == text.utf8.count)
    }

    @Test("no prefix of an answer is taken for an answer", arguments: complete.indices)
    func prefixes(index: Int) throws {
        let bytes = Array(Self.complete[index].0.utf8)
        for length in 0..<bytes.count {
            #expect(try RESP.decode(Array(bytes[..<length])) == nil)
        }
    }

    @Test(
        "what is not an answer is an error",
        arguments: [
            "\r\n", "OK\n", "+\n", "!weird\r\n", ":12x\r\n", ":\r\n", "$abc\r\n", "$-2\r\n", "$3\r\nabcd\r\n",
            "*1\r\n:1\r\n", "HTTP/1.1 400 Bad Request\r\n",
        ])
    func malformed(text: String) {
        #expect(throws: RedisError.self) { try RESP.decode(Array(text.utf8)) }
    }

    @Test("lengths and lines beyond the limits are refused before they are read")
    func limits() {
        #expect(throws: RedisError.tooLarge(limitBytes: RESP.maximumValueBytes)) {
            try RESP.decode(Array("$\(RESP.maximumValueBytes + 1)\r\n".utf8))
        }
        #expect(throws: RedisError.protocolViolation("a length that is none")) {
            try RESP.decode(Array("$99999999999999999999\r\n".utf8))
        }
        #expect(throws: RedisError.protocolViolation("a line without end")) {
            try RESP.decode([UInt8](repeating: UInt8(ascii: "+"), count: 100_000))
        }
    }

    @Test("arbitrary bytes give an answer, an error or nothing, and never more than was there")
    func arbitraryBytes() {
        var generator = SplitMix64(state: 20_261_120)
        let alphabet = Array("+-:$*0123456789\r\n\r\nOK".utf8)
        for _ in 0..<20_000 {
            let count = Int.random(in: 0...24, using: &generator)
            let bytes = (0..<count).map { _ in alphabet.randomElement(using: &generator) ?? 0 }
            if let decoded = try? RESP.decode(bytes) { #expect((1...count).contains(decoded.length)) }
        }
    }

    @Test("a command is an array of strings, whatever bytes they hold")
    func command() {
        let bytes = RESP.encode([Data("SET".utf8), Data([0x0D, 0x0A, 0x00]), Data()])
        #expect(bytes == Array("*3\r\n$3\r\nSET\r\n$3\r\n\r\n\u{0}\r\n$0\r\n\r\n".utf8))
    }
}

/// A small generator with a seed (S. Vigna, SplitMix64), so that a failure can be repeated.
struct SplitMix64: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
