/// Which entries a business event makes. Everything needed stands in the event: the ledger keeps no state of its own.
///
/// | event           | debit              | credit             |
/// |-----------------|--------------------|--------------------|
/// | ChargeSucceeded | PSP receivable     | merchant payable   |
/// | RefundInitiated | merchant payable   | refunds in flight  |
/// | RefundSucceeded | refunds in flight  | PSP receivable     |
/// | RefundFailed    | refunds in flight  | merchant payable   |
///
/// An authorisation is a promise, not money: it posts nothing. Neither does a quarantine: what it is worth is not
/// established.
public enum PostingRules {
    /// The transaction of an event, or nil when the event posts nothing.
    ///
    /// - Throws: `DomainError.amountNotPositive`: an event that moves nothing, or money backwards, is not posted.
    public static func transaction(for envelope: EventEnvelope) throws(DomainError) -> LedgerTransaction? {
        let payable = LedgerAccount.merchantPayable(envelope.merchantID)
        switch envelope.event {
        case .chargeSucceeded(let event):
            return try post(
                envelope, .charge, event.provider, event.providerReference, refundID: nil, event.captured,
                debit: .providerReceivable(event.provider), credit: payable)
        case .refundInitiated(let event):
            return try post(
                envelope, .refundReserved, event.provider, event.chargeProviderReference, refundID: event.refundID,
                event.amount, debit: payable, credit: .refundsInFlight)
        case .refundSucceeded(let event):
            return try post(
                envelope, .refund, event.provider, event.providerReference, refundID: event.refundID, event.amount,
                debit: .refundsInFlight, credit: .providerReceivable(event.provider))
        case .refundFailed(let event):
            return try post(
                envelope, .refundReleased, event.provider, event.providerReference, refundID: event.refundID,
                event.amount, debit: .refundsInFlight, credit: payable)
        case .chargeInitiated, .riskAssessed, .chargeProcessingStarted, .chargePending, .chargeRequiresAction,
            .chargeAuthorized, .chargeFailed, .chargeCanceled, .chargeOutcomeUnknown, .chargeQuarantined,
            .refundPending, .refundOutcomeUnknown, .unrecognized:
            return nil
        }
    }

    private static func post(
        _ envelope: EventEnvelope,
        _ kind: LedgerTransaction.Kind,
        _ provider: Provider,
        _ providerReference: String?,
        refundID: RefundID?,
        _ amount: Money,
        debit: LedgerAccount,
        credit: LedgerAccount
    ) throws(DomainError) -> LedgerTransaction {
        guard amount.amountMinor > 0 else { throw .amountNotPositive(amount) }
        let transaction = LedgerTransaction(
            eventID: envelope.eventID,
            chargeID: envelope.streamID,
            refundID: refundID,
            merchantID: envelope.merchantID,
            kind: kind,
            provider: provider,
            providerReference: providerReference,
            occurredAt: envelope.occurredAt,
            entries: [
                LedgerEntry(account: debit, amountMinor: amount.amountMinor, currency: amount.currency),
                LedgerEntry(account: credit, amountMinor: -amount.amountMinor, currency: amount.currency),
            ]
        )
        precondition(transaction.isBalanced, "posting rules made an unbalanced transaction")
        return transaction
    }
}
