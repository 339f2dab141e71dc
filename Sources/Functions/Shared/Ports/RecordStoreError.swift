/// A store of small records (idempotency, API keys, refund directory, risk rules) did not answer, or holds something
/// unreadable.
public struct RecordStoreError: Error, Sendable, Equatable {
    /// What went wrong; never a record's content.
    public let detail: String

    /// An error with this explanation.
    public init(_ detail: String) {
        self.detail = detail
    }
}
