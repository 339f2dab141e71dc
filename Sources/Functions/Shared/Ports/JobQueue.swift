import Domain
import FoundationEssentials

/// Work for the worker: one PSP operation on one charge.
public struct PaymentJob: Sendable, Equatable, Codable {
    /// What is to be done; queue messages name it in upper case.
    public enum Kind: String, Sendable, Codable, CaseIterable {
        case charge = "CHARGE"
        case refund = "REFUND"
    }

    /// Allotted before the job was enqueued, so that enqueuing twice is one job.
    public let id: JobID
    /// What is to be done.
    public let kind: Kind
    /// The charge; its jobs are done in order.
    public let chargeID: ChargeID
    /// Set for a refund.
    public let refundID: RefundID?
    /// The merchant the charge belongs to.
    public let merchantID: MerchantID
    /// The trace of the request that caused the job.
    public let traceID: String

    /// A job made of its parts.
    public init(
        id: JobID, kind: Kind, chargeID: ChargeID, refundID: RefundID? = nil, merchantID: MerchantID, traceID: String
    ) {
        self.id = id
        self.kind = kind
        self.chargeID = chargeID
        self.refundID = refundID
        self.merchantID = merchantID
        self.traceID = traceID
    }

    enum CodingKeys: String, CodingKey {
        case id = "job_id"
        case kind = "job_type"
        case chargeID = "charge_id"
        case refundID = "refund_id"
        case merchantID = "merchant_id"
        case traceID = "trace_id"
    }
}

/// Hands jobs to the worker, in order per charge.
public protocol JobQueue: Sendable {
    /// Returns when the queue holds the job. Enqueuing the same job again is harmless.
    func enqueue(_ job: PaymentJob) async throws(JobQueueError)
}

/// The queue did not take a job.
public struct JobQueueError: Error, Sendable, Equatable {
    /// What went wrong.
    public let detail: String

    /// An error with this explanation.
    public init(_ detail: String) {
        self.detail = detail
    }
}
