/// What becomes of a payment intent when it is confirmed with a payment method.
extension StripeAccount {
    /// Confirms: charges the payment method and moves the intent to its next status.
    ///
    /// - Parameter mayAsk: whether the customer can be sent to authenticate; without, that is a decline.
    /// - Returns: whether the fault "commit, then never answer" takes the answer.
    /// - Throws: the 402 of a decline, after its failed charge has been recorded.
    mutating func confirm(
        _ intent: inout StripePaymentIntent, with method: StripeTestPaymentMethod, mayAsk: Bool,
        _ context: StripeCallContext
    ) throws(StripeError) -> Bool {
        intent.paymentMethod = method.id
        intent.lastPaymentError = nil
        switch method.behaviour {
        case .approves, .approvesButAnswerIsLost:
            approve(&intent, with: method, context)
            return method.behaviour == .approvesButAnswerIsLost
        case .declines(let code, let declineCode, let message):
            throw decline(
                &intent, method, .init(code: code, declineCode: declineCode, message: message), context)
        case .requiresAuthentication where mayAsk:
            ask(&intent, context)
            return false
        case .requiresAuthentication:
            throw decline(&intent, method, Self.authenticationRequired, context)
        }
    }

    /// The decline of a payment that needs its customer when the customer is not there.
    private static let authenticationRequired = StripeCharge.Failure(
        code: "authentication_required", declineCode: "authentication_required",
        message: "Your card was declined. This transaction requires authentication.")

    /// The issuer approves: the money moves now, or is held when the capture is manual.
    mutating func approve(
        _ intent: inout StripePaymentIntent, with method: StripeTestPaymentMethod, _ context: StripeCallContext
    ) {
        var charge = newCharge(of: intent, method, failure: nil, context)
        intent.latestCharge = charge.id
        intent.nextAction = nil
        if intent.captureMethod == "manual" {
            intent.status = .requiresCapture
            intent.amountCapturable = intent.amount
        } else {
            take(intent.amount, of: &charge, of: intent, context)
            intent.status = .succeeded
            intent.amountReceived = intent.amount
        }
        charges.store(charge)
        paymentIntents.store(intent)
        emit("charge.succeeded", charge, of: intent, context)
        emit(
            intent.status == .succeeded ? "payment_intent.succeeded" : "payment_intent.amount_capturable_updated",
            intent, of: intent, context)
    }

    /// The issuer refuses: records the failed charge and makes the answer.
    mutating func decline(
        _ intent: inout StripePaymentIntent, _ method: StripeTestPaymentMethod, _ failure: StripeCharge.Failure,
        _ context: StripeCallContext
    ) -> StripeError {
        let charge = newCharge(of: intent, method, failure: failure, context)
        let renderedMethod = method.rendered(createdSeconds: context.now)
        var error = StripeError(
            status: 402, type: "card_error", code: failure.code, declineCode: failure.declineCode,
            message: failure.message, charge: charge.id, paymentMethod: renderedMethod, endpointBegan: true)
        intent.status = .requiresPaymentMethod
        intent.paymentMethod = nil
        intent.nextAction = nil
        intent.latestCharge = charge.id
        intent.lastPaymentError = error.body["error"]
        charges.store(charge)
        paymentIntents.store(intent)
        emit("charge.failed", charge, of: intent, context)
        emit("payment_intent.payment_failed", intent, of: intent, context)
        error.paymentIntent = intent.rendered
        return error
    }

    /// The issuer wants the customer: no charge exists until the authentication is done.
    private mutating func ask(_ intent: inout StripePaymentIntent, _ context: StripeCallContext) {
        intent.status = .requiresAction
        intent.nextAction = [
            "type": "redirect_to_url",
            "redirect_to_url": [
                "url": .string("\(context.baseURL)/_sandbox/authentication/\(intent.id)"),
                "return_url": .optional(intent.returnURL),
            ],
        ]
        paymentIntents.store(intent)
        emit("payment_intent.requires_action", intent, of: intent, context)
    }

    private func newCharge(
        of intent: StripePaymentIntent, _ method: StripeTestPaymentMethod, failure: StripeCharge.Failure?,
        _ context: StripeCallContext
    ) -> StripeCharge {
        // A charge takes the intent's metadata over when it is made.
        StripeCharge(
            id: StripeIdentifier.make("ch"), created: context.now, amount: intent.amount, currency: intent.currency,
            paymentIntent: intent.id, paymentMethod: method, metadata: intent.metadata,
            description: intent.description, customer: intent.customer, receiptEmail: intent.receiptEmail,
            failure: failure)
    }

    /// Moves captured money to the balance.
    mutating func take(
        _ amount: Int64, of charge: inout StripeCharge, of intent: StripePaymentIntent, _ context: StripeCallContext
    ) {
        let transaction = StripeBalanceTransaction(
            id: StripeIdentifier.make("txn"), created: context.now, amount: amount,
            fee: StripeFee.minor(ofCharge: amount, in: charge.currency), currency: charge.currency, category: .charge,
            source: charge.id,
            charge: charge.id, paymentIntent: intent.id, description: charge.description,
            paymentMetadata: intent.metadata, refundMetadata: [:])
        balanceTransactions.store(transaction)
        charge.isCaptured = true
        charge.amountCaptured = amount
        charge.balanceTransaction = transaction.id
    }
}
