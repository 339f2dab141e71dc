import Wire

extension KinesisEvent {
    /// The tumbling window that a batch belongs to (`TumblingWindowInSeconds`, with-kinesis-windowing.html).
    ///
    /// The function aggregates over all batches of a window: each invocation gets the state that the one before returned
    /// (`BatchResponse.state`), and the final one, which may have no records, ends the window.
    public struct Window: Sendable, Equatable {
        /// When the window begins, RFC 3339, UTC.
        public var start: String
        /// When the window ends, RFC 3339, UTC.
        public var end: String
        /// What the invocation before returned, a JSON value; `{}` in the first of the window.
        public var state: Bytes
        /// The shard, for each has windows of its own.
        public var shardID: String
        /// The stream.
        public var eventSourceARN: String
        /// Whether no more records of this window will come.
        public var isFinalInvocation: Bool
        /// Whether the window ends before its time: its state grew beyond 1 MB.
        public var isTerminatedEarly: Bool

        /// A window made of its parts.
        public init(
            start: String, end: String, state: Bytes = noState, shardID: String, eventSourceARN: String,
            isFinalInvocation: Bool = false, isTerminatedEarly: Bool = false
        ) {
            self.start = start
            self.end = end
            self.state = state
            self.shardID = shardID
            self.eventSourceARN = eventSourceARN
            self.isFinalInvocation = isFinalInvocation
            self.isTerminatedEarly = isTerminatedEarly
        }

        /// The state before the first invocation of a window: an empty object.
        public static let noState = Bytes(utf8: "{}")
    }
}
