import AWSClient
import Domain
import FoundationEssentials

/// The event stream in Kinesis: the journal's bytes, partitioned by charge, so that one charge's events stay in order.
public struct KinesisEventPublisher: EventStreamPublisher {
    private let client: KinesisClient
    private let stream: String

    /// A publisher to this stream.
    public init(client: KinesisClient, stream: String) {
        self.client = client
        self.stream = stream
    }

    public func publish(_ entries: [JournalEntry]) async throws(EventStoreError) {
        let records = entries.map {
            KinesisPutRecord(data: $0.bytes, partitionKey: $0.envelope.streamID.rawValue)
        }
        do {
            try await client.putRecords(stream: stream, records: records)
        } catch {
            throw .notPublished("\(error)")
        }
    }
}
