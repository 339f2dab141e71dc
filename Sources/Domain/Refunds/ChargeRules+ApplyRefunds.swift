import FoundationEssentials

/// The refund part of `apply`: the totals of a charge follow the statuses of its refunds.
extension ChargeRules {
    static func reserveRefund(
        _ charge: inout Charge,
        _ initiated: RefundInitiated,
        at moment: Date
    ) throws(DomainError) {
        guard charge.refund(initiated.refundID) == nil else {
            throw .corruptStream(detail: "refund \(initiated.refundID) is initiated twice")
        }
        try require(initiated.amount, in: charge)
        // Checked before adding: a corrupt amount must not overflow the totals.
        guard initiated.amount.amountMinor <= charge.refundable.amountMinor else {
            throw .corruptStream(detail: "refund \(initiated.refundID) exceeds what can be refunded")
        }
        charge.refundReservedMinor += initiated.amount.amountMinor
        charge.refunds.append(
            Refund(
                id: initiated.refundID,
                amount: initiated.amount,
                reason: initiated.reason,
                initiatedAt: moment,
                status: .pending
            ))
    }

    static func confirmRefundPending(_ charge: inout Charge, _ pending: RefundPending) throws(DomainError) {
        let index = try moveRefund(&charge, pending.refundID, .confirmPending)
        charge.refunds[index].providerReference = pending.providerReference
    }

    static func succeedRefund(_ charge: inout Charge, _ succeeded: RefundSucceeded) throws(DomainError) {
        let index = try moveRefund(&charge, succeeded.refundID, .succeed)
        try require(succeeded.amount, isAmountOf: charge.refunds[index])
        charge.refunds[index].providerReference = succeeded.providerReference
        charge.refundReservedMinor -= succeeded.amount.amountMinor
        charge.refundedMinor += succeeded.amount.amountMinor
    }

    static func failRefund(_ charge: inout Charge, _ failed: RefundFailed) throws(DomainError) {
        let index = try moveRefund(&charge, failed.refundID, .fail)
        try require(failed.amount, isAmountOf: charge.refunds[index])
        charge.refunds[index].failure = failed.failure
        charge.refunds[index].providerReference = failed.providerReference ?? charge.refunds[index].providerReference
        charge.refundReservedMinor -= failed.amount.amountMinor
    }

    /// - Returns: where the refund stands among the charge's refunds.
    @discardableResult
    static func moveRefund(
        _ charge: inout Charge,
        _ id: RefundID,
        _ transition: RefundTransition
    ) throws(DomainError) -> Int {
        guard let index = charge.refunds.firstIndex(where: { $0.id == id }) else {
            throw .corruptStream(detail: "refund \(id) was never initiated")
        }
        let status = charge.refunds[index].status
        guard let next = status.next(after: transition) else {
            throw .corruptStream(detail: "\(transition.rawValue) cannot follow on refund \(status.rawValue)")
        }
        charge.refunds[index].status = next
        return index
    }

    private static func require(_ amount: Money, isAmountOf refund: Refund) throws(DomainError) {
        guard amount == refund.amount else {
            throw .corruptStream(detail: "refund \(refund.id) is \(refund.amount), its outcome says \(amount)")
        }
    }
}
