import Foundation
import Glibc
import Testing

@testable import Telemetry

/// A pipe whose ends are read and closed as a test wants.
private final class Channel {
    let reading: Int32
    let writing: Int32

    init() throws {
        var ends: [Int32] = [0, 0]
        try #require(pipe(&ends) == 0)
        (reading, writing) = (ends[0], ends[1])
    }

    deinit {
        close(reading)
        close(writing)
    }

    /// So many bytes, however many reads that takes.
    func read(_ count: Int) throws -> [UInt8] {
        var bytes: [UInt8] = []
        while bytes.count < count {
            let more = readOnce(count - bytes.count)
            try #require(!more.isEmpty)
            bytes += more
        }
        return bytes
    }

    /// What is there now.
    func readAvailable() -> [UInt8] {
        _ = fcntl(reading, F_SETFL, O_NONBLOCK)
        defer { _ = fcntl(reading, F_SETFL, 0) }
        var bytes: [UInt8] = []
        while true {
            let more = readOnce(65_536)
            guard !more.isEmpty else { return bytes }
            bytes += more
        }
    }

    private func readOnce(_ count: Int) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            filled = max(0, Glibc.read(reading, buffer.baseAddress, count))
        }
    }

    /// Makes writes fail instead of waiting.
    func doNotBlock() { _ = fcntl(writing, F_SETFL, O_NONBLOCK) }
}

@Suite("Lambda's log channel") struct LogOutputTests {
    private func record(_ text: String, _ level: LogLevel = .info, _ format: LogFormat = .json) -> LogRecord {
        LogRecord(level: level, format: format, time: UnixTime(milliseconds: 0x0102), text: text)
    }

    @Test("a record is one frame: type, length, time in microseconds, text without its line break")
    func frame() {
        let frame = FramedLog.frame(record("two\nlines\n"))
        #expect(frame[4..<8].elementsEqual([0, 0, 0, 9]))
        #expect(frame[8..<16].elementsEqual([0, 0, 0, 0, 0, 0x03, 0xEF, 0xD0]))
        #expect(String(decoding: frame[16...], as: UTF8.self) == "two\nlines")
    }

    @Test(
        "the type tells level and format",
        arguments: [
            (.trace, 0x06), (.debug, 0x0A), (.info, 0x0E), (.warning, 0x12), (.error, 0x16), (.fatal, 0x1A),
        ] as [(LogLevel, UInt8)])
    func type(level: LogLevel, type: UInt8) {
        #expect(FramedLog.frame(record("x", level, .json)).prefix(4).elementsEqual([0xA5, 0x5A, 0, type]))
        #expect(FramedLog.frame(record("x", level, .text)).prefix(4).elementsEqual([0xA5, 0x5A, 0, type | 1]))
    }

    @Test("a logger writes its records as frames of their level and format")
    func logger() throws {
        let channel = try Channel()
        Logger(format: .text, output: .lambdaChannel(FramedLog(descriptor: channel.writing))).error("it failed")
        #expect(try channel.read(4) == [0xA5, 0x5A, 0, 0x17])
    }

    // Threads of their own: a test that waits inside of a task takes a thread from all others.

    @Test("a descriptor that takes nothing for a moment gets the whole record")
    func waits() throws {
        let channel = try Channel()
        channel.doNotBlock()
        // Several times what a pipe holds.
        let record = record(String(repeating: "x", count: 1_000_000))
        let frame = FramedLog.frame(record)
        let log = FramedLog(descriptor: channel.writing)
        Thread.detachNewThread { log.write(record) }
        #expect(try channel.read(frame.count) == frame)
    }

    @Test("a record that was begun is finished before the next one, although its reader was stuck for long")
    func resumes() throws {
        let channel = try Channel()
        channel.doNotBlock()
        let log = FramedLog(descriptor: channel.writing)
        let begun = record(String(repeating: "x", count: 100_000))
        let (lost, next) = (record("lost"), record("next"))
        log.write(begun)
        log.write(lost)
        let frame = FramedLog.frame(begun)
        let beginning = channel.readAvailable()
        #expect(!beginning.isEmpty && beginning.count < frame.count)
        log.write(next)
        #expect(try beginning + channel.read(frame.count - beginning.count) == frame)
        #expect(try channel.read(FramedLog.frame(next).count) == FramedLog.frame(next))
    }

    @Test("records of several threads do not mix")
    func threads() throws {
        let channel = try Channel()
        // Larger than what a pipe takes at once.
        let records = (0..<4).map { record(String(repeating: "\($0)", count: 200_000)) }
        let log = FramedLog(descriptor: channel.writing)
        for record in records { Thread.detachNewThread { log.write(record) } }
        let frames = try records.map { try channel.read(FramedLog.frame($0).count) }
        #expect(Set(frames) == Set(records.map(FramedLog.frame)))
    }

    @Test("a record for a signal handler is what the logger would have written, for the time it is meant for")
    func prepared() throws {
        let now: @Sendable () -> UnixTime = { UnixTime(milliseconds: 1_700_000_000_250) }
        let logger = Logger(format: .text, fields: ["function": "f"], now: now)
        let lines = try #require(logger.preparedWarning("cut off", inMilliseconds: 300))
        #expect(lines.descriptor == STDERR_FILENO)
        #expect(String(decoding: lines.bytes, as: UTF8.self) == "2023-11-14T22:13:20.550Z WARN cut off function=f\n")
        let channel = Logger(now: now, output: .lambdaChannel(FramedLog(descriptor: 7)))
        let frame = try #require(channel.preparedWarning("cut off", inMilliseconds: 300))
        #expect(frame.descriptor == 7 && frame.bytes.prefix(4).elementsEqual([0xA5, 0x5A, 0, 0x12]))
        #expect(Logger(minimumLevel: .error).preparedWarning("x", inMilliseconds: 0) == nil)
        #expect(Logger(sink: { _ in }).preparedWarning("x", inMilliseconds: 0) == nil)
    }
}
