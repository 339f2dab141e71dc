/// Lambda's own log channel: a descriptor that takes frames, so that a record may hold line breaks.
///
/// The frame is four bytes of type, four of length and eight of time in microseconds, all big-endian, then the text
/// (as in AWS's runtime interface clients). Lambda names the descriptor in `_LAMBDA_TELEMETRY_LOG_FD`.
public struct FramedLog: Sendable {
    /// The type's upper bytes, and the bit that says that a log record follows.
    private static let frameType: UInt32 = 0xA55A_0002
    /// Set where the record is text; JSON otherwise.
    private static let textBit: UInt32 = 0b1
    /// The level stands above the two lowest bits: 1 is TRACE, 6 is FATAL; 0 would be a record without one.
    private static let levelShift: UInt32 = 2

    let descriptor: Int32

    /// The channel of an open descriptor.
    public init(descriptor: Int32) {
        self.descriptor = descriptor
    }

    /// Writes one record as one frame.
    public func write(_ record: LogRecord) {
        DescriptorWriter.write(Self.frame(record), to: descriptor)
    }

    /// The frame of a record; the line break at its end is not part of it.
    static func frame(_ record: LogRecord) -> [UInt8] {
        let line = record.text.utf8
        let text = line.last == UInt8(ascii: "\n") ? line.dropLast() : line[...]
        var frame: [UInt8] = []
        frame.reserveCapacity(16 + text.count)
        append(type(of: record), to: &frame)
        append(UInt32(clamping: text.count), to: &frame)
        let (microseconds, overflow) = record.time.milliseconds.multipliedReportingOverflow(by: 1000)
        append(overflow ? 0 : UInt64(clamping: microseconds), to: &frame)
        frame.append(contentsOf: text)
        return frame
    }

    private static func type(of record: LogRecord) -> UInt32 {
        frameType | UInt32(record.level.rank + 1) << levelShift | (record.format == .text ? textBit : 0)
    }

    private static func append(_ value: some FixedWidthInteger, to frame: inout [UInt8]) {
        withUnsafeBytes(of: value.bigEndian) { frame.append(contentsOf: $0) }
    }
}
