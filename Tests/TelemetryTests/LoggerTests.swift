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
        Logger(minimumLevel: level, now: { Date(timeIntervalSince1970: 1_700_000_000.25) }, sink: lines.append)
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
}
