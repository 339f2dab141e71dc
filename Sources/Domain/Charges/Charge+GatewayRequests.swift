extension Charge {
    /// What has to be put to the provider now, or nil when nothing has: the attempt has not begun, the provider already
    /// answered, or people have to look first.
    ///
    /// While the outcome is unknown this is the very same request with the very same key: repeating it is what
    /// establishes the outcome.
    ///
    /// - Parameter returnURL: where the customer comes back to after an action at the provider.
    public func gatewayRequest(returnURL: String? = nil) -> GatewayChargeRequest? {
        guard !quarantined else { return nil }
        switch status {
        case .processing, .unknown:
            return GatewayChargeRequest(
                chargeID: id,
                merchantID: merchantID,
                amount: amount,
                paymentMethod: paymentMethod,
                captureMode: captureMode,
                idempotencyKey: ProviderIdempotencyKey.charge(id, attempt: attempt),
                description: description,
                returnURL: returnURL
            )
        case .created, .requiresAction, .authorized, .succeeded, .failed, .canceled:
            return nil
        }
    }

    /// What has to be put to the provider for a refund now, or nil when nothing has: no such refund, it is settled, or
    /// people have to look at it first.
    public func gatewayRequest(for refundID: RefundID) -> GatewayRefundRequest? {
        guard let refund = refund(refundID), let providerReference,
            !quarantines.contains(where: { $0.refundID == refundID })
        else { return nil }
        switch refund.status {
        case .pending, .unknown:
            return GatewayRefundRequest(
                chargeID: id,
                refundID: refundID,
                merchantID: merchantID,
                providerReference: providerReference,
                amount: refund.amount,
                idempotencyKey: ProviderIdempotencyKey.refund(id, refundID),
                reason: refund.reason
            )
        case .succeeded, .failed:
            return nil
        }
    }
}
