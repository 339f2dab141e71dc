import LambdaEvents
import LambdaRuntime
import Wire

/// Takes every record, but those whose content begins with `fail`.
struct Echo: SynchronousLambdaHandler {
    private static let failure = Bytes(utf8: "fail")

    func handle(_ event: Batch, context: LambdaContext) -> BatchResponse {
        var failures = BatchFailures()
        switch event {
        case .queue(let event):
            for record in event.records where record.bodyBytes.starts(with: Self.failure) { failures.add(record) }
        case .stream(let event):
            for record in event.records where record.data.starts(with: Self.failure) { failures.add(record) }
        }
        return failures.response
    }
}

/// A batch of either source, told apart by what its records say.
enum Batch: LambdaDecodable {
    case queue(SQSEvent)
    case stream(KinesisEvent)

    init(lambdaPayload: Bytes) throws(LambdaEventError) {
        // A queue's messages have no "kinesis" member, so one of the two shapes always refuses at its first record.
        do {
            self = .queue(try SQSEvent(lambdaPayload: lambdaPayload))
        } catch let queueError {
            guard let event = try? KinesisEvent(lambdaPayload: lambdaPayload) else { throw queueError }
            self = .stream(event)
        }
    }
}
