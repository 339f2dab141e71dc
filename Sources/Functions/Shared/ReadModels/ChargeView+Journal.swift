import Domain
import FoundationEssentials

extension ChargeView {
    /// The view of a charge straight from its events: what the projection will show once it has caught up.
    ///
    /// - Returns: `nil` for a charge without events.
    public init?(_ loaded: LoadedCharge) {
        guard let charge = loaded.charge else { return nil }
        self.init(
            id: charge.id, merchantID: charge.merchantID, version: charge.version, status: charge.status,
            amount: charge.amount, capturedMinor: charge.capturedMinor, refundedMinor: charge.refundedMinor,
            paymentMethod: charge.paymentMethod, captureMode: charge.captureMode, description: charge.description,
            metadata: charge.metadata,
            failure: charge.failure.map {
                Failure(reason: $0.reason, declineCode: $0.declineCode, message: $0.message)
            },
            createdAt: charge.initiatedAt, refunds: charge.refunds.map { RefundView($0, of: charge) },
            timeline: loaded.envelopes.map {
                TimelineEntry(version: $0.version, type: $0.type, occurredAt: $0.occurredAt)
            })
    }
}

extension RefundView {
    /// The view of a refund as it stands in its charge.
    public init(_ refund: Refund, of charge: Charge) {
        self.init(
            id: refund.id, chargeID: charge.id, merchantID: charge.merchantID, status: refund.status,
            amount: refund.amount, reason: refund.reason, createdAt: refund.initiatedAt)
    }
}
