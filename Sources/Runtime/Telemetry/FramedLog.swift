/// Lambda's own log channel: a descriptor that takes frames, so that a record may hold line breaks.
///
/// The frame is four bytes of type, four of length and eight of time in microseconds, all big-endian, then the text
/// (as in AWS's runtime interface clients). Lambda names the descriptor in `_LAMBDA_TELEMETRY_LOG_FD`.
public struct FramedLog: Sendable {
    private static let frameType: UInt32 = 0xA55A_0003

    private let descriptor: Int32
    private let now: @Sendable () -> UnixTime

    /// A log that writes to an open descriptor.
    public init(descriptor: Int32, now: @escaping @Sendable () -> UnixTime = UnixTime.now) {
        self.descriptor = descriptor
        self.now = now
    }

    /// Writes one record as one frame; the line break at its end is not part of it.
    public func write(_ line: String) {
        let text = line.utf8.last == UInt8(ascii: "\n") ? line.utf8.dropLast() : line.utf8[...]
        var frame: [UInt8] = []
        frame.reserveCapacity(16 + text.count)
        Self.append(Self.frameType, to: &frame)
        Self.append(UInt32(clamping: text.count), to: &frame)
        Self.append(UInt64(clamping: now().milliseconds * 1000), to: &frame)
        frame.append(contentsOf: text)
        frame.withUnsafeBytes { DescriptorWriter.writeAll($0, to: descriptor) }
    }

    private static func append(_ value: some FixedWidthInteger, to frame: inout [UInt8]) {
        withUnsafeBytes(of: value.bigEndian) { frame.append(contentsOf: $0) }
    }
}
