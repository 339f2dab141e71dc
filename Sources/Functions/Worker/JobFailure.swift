import Domain
import FunctionsShared
import LambdaRuntime

/// Why a job's record is reported as failed, to be delivered again.
enum JobFailure: LambdaReportableError, Equatable {
    /// The record is not a job of ours; it goes to the dead-letter queue in the end.
    case notAJob(String)
    /// The job names a charge that does not exist, or not for this merchant. Jobs follow appends, so this is a fault.
    case unknownCharge(ChargeID)
    /// The same for a refund.
    case unknownRefund(RefundID)
    /// Too little of the invocation is left for a PSP request; the PSP was not asked.
    case tooLittleTime(remainingMilliseconds: Int, neededMilliseconds: Int)
    /// This function has no gateway to the provider.
    case noGateway(Provider)
    /// The provider certainly did nothing; the same request may be sent again.
    case notAttempted(reason: String, retryAfterMilliseconds: Int?)
    /// Nobody knows what the provider did; the same request with the same key will establish it.
    case outcomeUnknown(detail: String)
    /// The outcome is unknown and so old that the provider may have forgotten the key: repeating could pay twice.
    case replayWindowClosed
    /// The domain refused what the provider reported.
    case refused(DomainError)
    /// The event store did not do its part.
    case store(EventStoreError)

    var errorType: String {
        switch self {
        case .notAJob: "Function.JobNotReadable"
        case .unknownCharge: "Function.ChargeNotFound"
        case .unknownRefund: "Function.RefundNotFound"
        case .tooLittleTime: "Function.TooLittleTime"
        case .noGateway: "Function.NoGateway"
        case .notAttempted: "Function.ProviderNotAttempted"
        case .outcomeUnknown: "Function.OutcomeUnknown"
        case .replayWindowClosed: "Function.ReplayWindowClosed"
        case .refused: "Function.CommandRefused"
        case .store: "Function.EventStoreFailed"
        }
    }

    var errorMessage: String {
        switch self {
        case .notAJob(let detail): "the record is not a payment job: \(detail)"
        case .unknownCharge(let id): "the charge \(id) does not exist for this merchant"
        case .unknownRefund(let id): "the refund \(id) does not exist"
        case .tooLittleTime(let remaining, let needed):
            "\(remaining) ms are left, a provider request needs up to \(needed) ms"
        case .noGateway(let provider): "there is no gateway to \(provider.rawValue)"
        case .notAttempted(let reason, let retryAfter):
            "the provider did nothing: \(reason)" + (retryAfter.map { "; it asks to wait \($0) ms" } ?? "")
        case .outcomeUnknown(let detail): "the outcome is unknown: \(detail)"
        case .replayWindowClosed:
            "the outcome is unknown and too old to be established by repeating; look it up at the provider"
        case .refused(let error): "\(error)"
        case .store(let error): "\(error)"
        }
    }
}
