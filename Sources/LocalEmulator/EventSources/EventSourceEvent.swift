/// What happens between event sources and functions, for whoever shows or tests it.
public enum EventSourceEvent: Sendable, Equatable {
    /// A batch, or part of it, will be delivered again.
    case batchFailed(function: String, source: String, records: Int, reason: String)
    /// Records were given up after their last retry and reported to the failure destination, if there is one.
    case recordsDiscarded(function: String, source: String, records: Int, condition: String)
    /// A FIFO answer reports a message but not a later one of its group: AWS would delete that one and so break order.
    case orderViolated(function: String, source: String, messageGroup: String)
}
