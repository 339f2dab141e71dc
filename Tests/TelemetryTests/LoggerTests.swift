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

    @Test("a field never stands under a name of the line's own, nor in the way of another field")
    func reservedNames() throws {
        logger().info("it", ["timestamp": "t", "level": "l", "message": "m", "_message": "other"])
        let line = try #require(lines.all.first)
        for name in ["timestamp", "level", "message", "_timestamp", "_level", "_message", "__message"] {
            #expect(line.components(separatedBy: "\"\(name)\":").count == 2, "\(name) stands once")
        }
        let document = try document()
        #expect(document["message"] == "it" && document["level"] == "INFO")
        #expect(document["_timestamp"] == "t" && document["_level"] == "l")
        #expect(document["_message"] == "other" && document["__message"] == "m")
    }

    @Test(
        "an id of a known shape is written whole, whatever its digits look like",
        arguments: [
            "8476a536-e9f4-11e8-9739-000000000001", "12345678-1234-1234-1234-123456789012",
            "1-5bef4de7-ad49b0e87f6ef6c87fc2e700", "Root=1-00000000-000000000000000000000000",
            "Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Parent=4242424242424242;Sampled=1",
            "Self=1-00000000-000000000000000000000000;Root=1-00000000-000000000000000000000000;Lineage=1:a87bd80c:0|68fd508a:5",
        ])
    func identifiers(id: String) throws {
        logger().info("m", ["id": .identifier(id)])
        #expect(try document()["id"] == id)
    }

    @Test(
        "a text of another shape is masked, also where an id is expected",
        arguments: [
            "4242424242424242", "4242-4242-4242-4242", "Root=4242424242424242", "Lineage=4242424242424242",
            "Parent=4242424242424242;User=4242424242424242", "00000000-4242-4242-4242-4242424242424242",
            "8476a536-e9f4-11e8-9739-2dfe598c3fcd 4242424242424242", "Sampled=1;4242424242424242",
        ])
    func noIdentifiers(text: String) throws {
        logger().info("m", ["id": .identifier(text)])
        let id = try #require(try document()["id"])
        #expect(id == Redaction.mask(text) && id != text)
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

    @Test("as text, an id that holds an equals sign stands in quotes like any other text")
    func textOfIdentifiers() {
        Logger(format: .text, sink: lines.append).info("m", ["trace_id": .identifier("Sampled=1")])
        #expect(lines.all.first?.hasSuffix(" INFO m trace_id=\"Sampled=1\"\n") == true)
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
