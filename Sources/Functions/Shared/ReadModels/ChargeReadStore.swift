import Domain
import FoundationEssentials

/// Why a read model could not answer. A charge that does not exist is not an error: the read store returns `nil`.
public enum ReadStoreError: Error, Sendable, Equatable {
    /// The database cannot be reached or did not answer in time; the caller may fall back to the journal.
    case unavailable(String)
    /// A row holds something this version of the code cannot read, for example an unknown status.
    case corrupt(String)
}

/// What `GET` answers from. The projection lags behind the journal, so `nil` means "not projected yet, or not there".
public protocol ChargeReadStore: Sendable {
    /// The charge with its refunds and timeline, or `nil`. A charge of another merchant is `nil` too: an id alone
    /// must not tell one merchant what another has.
    func charge(id: ChargeID, merchantID: MerchantID) async throws(ReadStoreError) -> ChargeView?
    /// One refund, or `nil`; the same merchant rule as for charges.
    func refund(id: RefundID, merchantID: MerchantID) async throws(ReadStoreError) -> RefundView?
}

/// A charge as the API shows it: current state, its refunds, and what happened to it.
public struct ChargeView: Sendable, Equatable {
    /// Why a charge failed.
    public struct Failure: Sendable, Equatable {
        /// Stable, machine-readable, for example `card_declined` or `fraud_risk`.
        public let reason: String
        /// The PSP's own decline code, when it gave one.
        public let declineCode: String?
        /// A sentence for people.
        public let message: String

        /// A failure made of its parts.
        public init(reason: String, declineCode: String?, message: String) {
            self.reason = reason
            self.declineCode = declineCode
            self.message = message
        }
    }

    /// One line of the timeline: an event of the charge's stream.
    public struct TimelineEntry: Sendable, Equatable {
        /// The event's version in its stream, from 1.
        public let version: Int
        /// The event's type name, for example `ChargeInitiated`.
        public let type: String
        /// When it happened by our clock.
        public let occurredAt: Date

        /// An entry made of its parts.
        public init(version: Int, type: String, occurredAt: Date) {
            self.version = version
            self.type = type
            self.occurredAt = occurredAt
        }
    }

    /// The charge.
    public let id: ChargeID
    /// The merchant it belongs to; nobody else may see it.
    public let merchantID: MerchantID
    /// The version of the last event this view contains.
    public let version: Int
    /// Where the charge stands.
    public let status: ChargeStatus
    /// What was asked for.
    public let amount: Money
    /// In minor units of `amount.currency`.
    public let capturedMinor: Int64
    /// In minor units of `amount.currency`; refunds that succeeded.
    public let refundedMinor: Int64
    /// The PSP's token; never card data.
    public let paymentMethod: String
    /// When the money of an authorised charge is taken.
    public let captureMode: CaptureMode
    /// The merchant's description.
    public let description: String?
    /// The merchant's own key-value pairs.
    public let metadata: [String: String]
    /// Set when the charge failed.
    public let failure: Failure?
    /// When the charge was accepted.
    public let createdAt: Date
    /// In the order they were initiated.
    public let refunds: [RefundView]
    /// Ascending by version.
    public let timeline: [TimelineEntry]

    /// A view made of its parts.
    public init(
        id: ChargeID, merchantID: MerchantID, version: Int, status: ChargeStatus, amount: Money, capturedMinor: Int64,
        refundedMinor: Int64, paymentMethod: String, captureMode: CaptureMode, description: String?,
        metadata: [String: String], failure: Failure?, createdAt: Date, refunds: [RefundView],
        timeline: [TimelineEntry]
    ) {
        self.id = id
        self.merchantID = merchantID
        self.version = version
        self.status = status
        self.amount = amount
        self.capturedMinor = capturedMinor
        self.refundedMinor = refundedMinor
        self.paymentMethod = paymentMethod
        self.captureMode = captureMode
        self.description = description
        self.metadata = metadata
        self.failure = failure
        self.createdAt = createdAt
        self.refunds = refunds
        self.timeline = timeline
    }
}

/// A refund as the API shows it.
public struct RefundView: Sendable, Equatable {
    /// The refund.
    public let id: RefundID
    /// The charge it belongs to.
    public let chargeID: ChargeID
    /// The merchant it belongs to; nobody else may see it.
    public let merchantID: MerchantID
    /// Where the refund stands.
    public let status: RefundStatus
    /// What goes back.
    public let amount: Money
    /// What the merchant said when asking for it.
    public let reason: String?
    /// When the refund was accepted.
    public let createdAt: Date

    /// A view made of its parts.
    public init(
        id: RefundID, chargeID: ChargeID, merchantID: MerchantID, status: RefundStatus, amount: Money, reason: String?,
        createdAt: Date
    ) {
        self.id = id
        self.chargeID = chargeID
        self.merchantID = merchantID
        self.status = status
        self.amount = amount
        self.reason = reason
        self.createdAt = createdAt
    }
}
