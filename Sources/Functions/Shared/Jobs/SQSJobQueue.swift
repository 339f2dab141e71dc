import AWSClient
import Domain
import FoundationEssentials

/// The job queue in SQS FIFO: one message group per charge keeps a charge's jobs in order, the job's id as
/// deduplication id makes enqueuing twice within five minutes one message. (Later duplicates find nothing to do: the
/// worker reads the journal first.)
public struct SQSJobQueue: JobQueue {
    private let client: SQSClient
    private let queueURL: String

    /// A queue at this URL.
    public init(client: SQSClient, queueURL: String) {
        self.client = client
        self.queueURL = queueURL
    }

    public func enqueue(_ job: PaymentJob) async throws(JobQueueError) {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        guard let body = try? encoder.encode(job) else { throw JobQueueError("job \(job.id) cannot be encoded") }
        do {
            _ = try await client.sendMessage(
                queueURL: queueURL, body: String(decoding: body, as: UTF8.self),
                messageGroupID: job.chargeID.rawValue, messageDeduplicationID: job.id.rawValue)
        } catch {
            throw JobQueueError("\(error)")
        }
    }
}
