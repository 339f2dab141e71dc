import FoundationEssentials

/// The answer of a batch handler that reports single failures (`ReportBatchItemFailures`).
///
/// An empty list means that everything succeeded. An identifier that is not in the event makes Lambda treat the whole
/// batch as failed, so build it from the event's own records (`LambdaRuntime.BatchFailures`).
public struct BatchResponse: Codable, Sendable, Equatable, LambdaDecodable, LambdaEncodable {
    /// What failed and is to be delivered again.
    public var batchItemFailures: [Failure]

    /// A response that names these records.
    public init(failedIdentifiers: [String] = []) {
        batchItemFailures = failedIdentifiers.map(Failure.init(itemIdentifier:))
    }

    /// One failed record.
    public struct Failure: Codable, Sendable, Equatable {
        /// The SQS message id or the Kinesis sequence number.
        public var itemIdentifier: String

        /// A failure of this record.
        public init(itemIdentifier: String) {
            self.itemIdentifier = itemIdentifier
        }
    }
}
