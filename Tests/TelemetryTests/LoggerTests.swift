import Foundation
import Synchronization
import Telemetry
import Testing

/// Keeps what a logger writes.
private final class Lines: Sendable {
    private let lines = Mutex<[String]>([])
    var all: [String] { lines.withLock { $0 } }
    func append(_ line: String) { lines.withLock { $0.append(line) } }
}

@Suite("Logger") struct LoggerTests {
    private let lines = Lines()

    private func logger(_ level: LogLevel = .info) -> Logger {
        Logger(minimumLevel: level, now: { UnixTime(milliseconds: 1_700_000_000_250) }, sink: lines.append)
    }

    private func document() throws -> [String: String] {
        let line = try #require(lines.all.first)
        #expect(line.hasSuffix("}\n"))
        let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any] ?? [:]
        return object.mapValues { "\($0)" }
    }

    @Test("a line is one JSON object with time, level, message and every field")
    func line() throws {
        logger().with(["function": "Worker"]).info("job done", ["attempt": 2, "final": true, "charge_id": "ch_1"])
        let document = try document()
        #expect(document["timestamp"] == "2023-11-14T22:13:20.250Z")
        #expect(document["level"] == "INFO")
        #expect(document["message"] == "job done")
        #expect(document["function"] == "Worker")
        #expect(document["attempt"] == "2")
        #expect(document["charge_id"] == "ch_1")
    }

    @Test(
        "any text gives valid JSON and comes back as it was",
        arguments: [
            "quote \" backslash \\", "line\nbreak\r\ttab", "\u{0}\u{1}\u{1F}\u{7F}", "é 漢字 🇪🇺 \u{2028}",
        ])
    func escaping(text: String) throws {
        logger().info("message", ["text": .string(text)])
        #expect(try document()["text"] == text)
    }

    @Test("D-15: card numbers are masked in messages and in fields")
    func redaction() throws {
        logger().error("card 4242424242424242", ["detail": "4000 0566 5566 5556"])
        #expect(lines.all.allSatisfy { !$0.contains("4242424242424242") && !$0.contains("4000 0566 5566 5556") })
    }

    @Test("lines below the minimum level are not written")
    func levels() {
        logger(.warning).info("quiet")
        #expect(lines.all.isEmpty)
        logger(.warning).warning("loud")
        #expect(lines.all.count == 1)
    }

    @Test("as text, a line is time, level, message and fields that can be told apart")
    func text() {
        let logger = Logger(
            format: .text, now: { UnixTime(milliseconds: 1_700_000_000_250) }, sink: lines.append)
        logger.error("it failed", ["count": 2, "reason": "no \"way\" out", "id": "ch_1", "empty": ""])
        #expect(
            lines.all == [
                "2023-11-14T22:13:20.250Z ERROR it failed count=2 empty=\"\" id=ch_1 reason=\"no \\\"way\\\" out\"\n"
            ])
    }

    @Test(
        "as text, nothing breaks out of its line", arguments: ["a\nb", "a\r\nb", "a\u{2028}b", "a\u{85}b", "a\u{0}b"])
    func textOnOneLine(text: String) {
        Logger(format: .text, sink: lines.append).info(text, ["field": .string(text)])
        #expect(lines.all.first?.filter(\.isNewline) == "\n")
    }

    @Test("levels and formats go by Lambda's names, in any case")
    func names() {
        #expect(LogLevel(named: "trace") == .trace)
        #expect(LogLevel(named: "Fatal") == .fatal)
        #expect(LogLevel(named: "verbose") == nil)
        #expect(LogFormat(named: "TEXT") == .text)
        #expect(LogFormat(named: "json") == .json)
        #expect(LogFormat(named: "xml") == nil)
    }
}

@Suite("Lambda's log channel") struct FramedLogTests {
    @Test("a record is one frame: type, length, time, text without its line break")
    func frame() throws {
        let pipe = Pipe()
        let log = FramedLog(
            descriptor: pipe.fileHandleForWriting.fileDescriptor, now: { UnixTime(milliseconds: 0x0102) })
        log.write("two\nlines\n")
        try pipe.fileHandleForWriting.close()
        let frame = try #require(try pipe.fileHandleForReading.readToEnd())
        #expect(Array(frame.prefix(8)) == [0xA5, 0x5A, 0x00, 0x03, 0, 0, 0, 9])
        #expect(Array(frame[8..<16]) == [0, 0, 0, 0, 0, 0x03, 0xEF, 0xD0])
        #expect(String(decoding: frame[16...], as: UTF8.self) == "two\nlines")
    }
}

@Suite("Wall clock") struct UnixTimeTests {
    @Test(
        "a moment is written as RFC 3339 with milliseconds",
        arguments: [
            (0, "1970-01-01T00:00:00.000Z"), (-1, "1969-12-31T23:59:59.999Z"),
            (951_782_400_007, "2000-02-29T00:00:00.007Z"), (253_402_300_799_999, "9999-12-31T23:59:59.999Z"),
        ] as [(Int64, String)])
    func rfc3339(milliseconds: Int64, text: String) {
        #expect(UnixTime(milliseconds: milliseconds).rfc3339 == text)
    }
}
