/// The endpoints under /v1/refunds.
extension StripeAccount {
    /// POST /v1/refunds
    mutating func createRefund(
        _ parameters: StripeParameters, _ context: StripeCallContext
    ) throws(StripeError) -> StripeOutcome {
        try parameters.allowOnly(["payment_intent", "charge", "amount", "reason", "metadata", "currency", "expand"])
        let requested = try parameters.integer("amount")
        if let requested, requested < 1 { throw Self.amountTooSmall("amount") }
        let reason = try parameters.choice("reason", of: ["duplicate", "fraudulent", "requested_by_customer"])
        let metadata = try parameters.metadata()
        let (intent, found) = try refundable(
            intentID: try parameters.text("payment_intent"), chargeID: try parameters.text("charge"))
        var charge = found
        let amount = try amountToRefund(requested, of: charge)
        let refund = give(amount, of: charge, reason: reason, metadata: metadata, context)
        charge.amountRefunded += amount
        charges.store(charge)
        emit("refund.created", refund, of: intent, context)
        emit("charge.refunded", charge, of: intent, context)
        emitReference(of: refund, intent, context)
        return StripeOutcome(object: refund.rendered)
    }

    private func refundable(
        intentID: String?, chargeID: String?
    ) throws(StripeError) -> (StripePaymentIntent, StripeCharge) {
        switch (intentID, chargeID) {
        case (nil, nil):
            throw .invalidParameter(
                "One of the following params should be provided for this request: payment_intent or charge.",
                code: "parameter_missing")
        case (.some, .some):
            throw .invalidParameter(
                "You may only specify one of these parameters: payment_intent, charge.", parameter: "charge")
        case (.some(let intentID), nil):
            guard let intent = paymentIntents[intentID] else {
                throw .missing("payment_intent", intentID, parameter: "payment_intent")
            }
            guard let charge = intent.latestCharge.flatMap({ charges[$0] }), charge.isCaptured else {
                throw .refused(
                    "This PaymentIntent (\(intentID)) does not have a successful charge to refund.",
                    parameter: "payment_intent")
            }
            return (intent, charge)
        case (nil, .some(let chargeID)):
            guard let charge = charges[chargeID], let intent = paymentIntents[charge.paymentIntent] else {
                throw .missing("charge", chargeID, parameter: "charge")
            }
            guard charge.isCaptured else {
                throw .refused("Charge \(chargeID) has not been captured.", parameter: "charge")
            }
            return (intent, charge)
        }
    }

    private func amountToRefund(_ requested: Int64?, of charge: StripeCharge) throws(StripeError) -> Int64 {
        let remaining = charge.refundableAmount
        guard remaining > 0 else {
            throw .refused("Charge \(charge.id) has already been refunded.", code: "charge_already_refunded")
        }
        let amount = requested ?? remaining
        guard amount <= remaining else {
            let currency = charge.currency
            throw .refused(
                "Refund amount (\(currency.majorUnits(amount)) \(currency.code)) is greater than unrefunded amount "
                    + "on charge (\(currency.majorUnits(remaining)) \(currency.code))",
                parameter: "amount")
        }
        return amount
    }

    private mutating func give(
        _ amount: Int64, of charge: StripeCharge, reason: String?, metadata: [String: String],
        _ context: StripeCallContext
    ) -> StripeRefund {
        let refundID = StripeIdentifier.make("re")
        let transaction = StripeBalanceTransaction(
            id: StripeIdentifier.make("txn"), created: context.now, amount: -amount, fee: 0,
            currency: charge.currency, category: .refund, source: refundID, charge: charge.id,
            paymentIntent: charge.paymentIntent, description: charge.description,
            paymentMetadata: charge.metadata, refundMetadata: metadata)
        let refund = StripeRefund(
            id: refundID, created: context.now, amount: amount, currency: charge.currency, charge: charge.id,
            paymentIntent: charge.paymentIntent, reason: reason, metadata: metadata,
            balanceTransaction: transaction.id)
        balanceTransactions.store(transaction)
        refunds.store(refund)
        return refund
    }

    /// The card network's reference arrives after the refund; it changes nothing about the money.
    private mutating func emitReference(
        of refund: StripeRefund, _ intent: StripePaymentIntent, _ context: StripeCallContext
    ) {
        var updated = refund
        updated.hasReference = true
        refunds.store(updated)
        emit(
            "refund.updated", updated, of: intent, previous: ["destination_details": refund.destination], context)
    }
}
