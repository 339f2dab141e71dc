/// The endpoints under /v1/payment_intents.
extension StripeAccount {
    /// The largest amount Stripe takes: eight digits.
    static let maximumAmount: Int64 = 99_999_999

    private static let creationParameters: Set<String> = [
        "amount", "currency", "confirm", "capture_method", "confirmation_method", "payment_method",
        "payment_method_types", "automatic_payment_methods", "customer", "description", "metadata", "off_session",
        "return_url", "receipt_email", "setup_future_usage", "statement_descriptor", "statement_descriptor_suffix",
        "error_on_requires_action", "use_stripe_sdk", "expand",
    ]

    /// POST /v1/payment_intents
    mutating func createPaymentIntent(
        _ parameters: StripeParameters, _ context: StripeCallContext
    ) throws(StripeError) -> StripeOutcome {
        try parameters.allowOnly(Self.creationParameters)
        var intent = try Self.newPaymentIntent(parameters, context)
        let isConfirmed = try parameters.boolean("confirm") ?? false
        let mayAsk = try Self.mayAskCustomer(parameters)
        if isConfirmed { try Self.requireReturnURL(intent, context) }
        let method = try Self.paymentMethod(parameters)
        intent.paymentMethod = method?.id
        if isConfirmed && method == nil {
            throw .invalidParameter(
                "You cannot confirm this PaymentIntent because it's missing a payment method.",
                code: "payment_intent_unexpected_state", parameter: "payment_method")
        }
        if method != nil { intent.status = .requiresConfirmation }
        paymentIntents.store(intent)
        emit("payment_intent.created", intent, of: intent, context)
        guard isConfirmed, let method else { return StripeOutcome(object: intent.rendered) }
        let isLost = try confirm(&intent, with: method, mayAsk: mayAsk, context)
        return StripeOutcome(object: intent.rendered, answerIsLost: isLost)
    }

    /// POST /v1/payment_intents/{id}/confirm
    mutating func confirmPaymentIntent(
        _ id: String, _ parameters: StripeParameters, _ context: StripeCallContext
    ) throws(StripeError) -> StripeOutcome {
        try parameters.allowOnly([
            "payment_method", "return_url", "capture_method", "off_session", "receipt_email", "setup_future_usage",
            "error_on_requires_action", "use_stripe_sdk", "expand",
        ])
        let mayAsk = try Self.mayAskCustomer(parameters)
        let captureMethod = try Self.captureMethod(parameters)
        let returnURL = try parameters.text("return_url")
        var intent = try existingPaymentIntent(id)
        switch intent.status {
        case .requiresPaymentMethod, .requiresConfirmation, .requiresAction: break
        case .requiresCapture, .canceled, .succeeded:
            throw unexpectedState(intent, "confirmed", allowed: "requires_payment_method, requires_confirmation")
        }
        if let captureMethod { intent.captureMethod = captureMethod }
        if let returnURL { intent.returnURL = returnURL }
        try Self.requireReturnURL(intent, context)
        let given = try Self.paymentMethod(parameters)
        guard let method = given ?? intent.paymentMethod.flatMap(StripeTestPaymentMethod.named) else {
            throw .refused(
                "You cannot confirm this PaymentIntent because it's missing a payment method. You can either update "
                    + "the PaymentIntent with a payment method and then confirm it again, or confirm it again "
                    + "directly with a payment method.",
                code: "payment_intent_unexpected_state", paymentIntent: intent.rendered)
        }
        let isLost = try confirm(&intent, with: method, mayAsk: mayAsk, context)
        return StripeOutcome(object: intent.rendered, answerIsLost: isLost)
    }

    /// POST /v1/payment_intents/{id}/capture
    mutating func capturePaymentIntent(
        _ id: String, _ parameters: StripeParameters, _ context: StripeCallContext
    ) throws(StripeError) -> StripeOutcome {
        try parameters.allowOnly(["amount_to_capture", "final_capture", "expand"])
        let requested = try parameters.integer("amount_to_capture")
        guard try parameters.boolean("final_capture") ?? true else {
            throw .invalidParameter("Multicapture is not available for this payment.", parameter: "final_capture")
        }
        if let requested, requested < 1 { throw Self.amountTooSmall("amount_to_capture") }
        var intent = try existingPaymentIntent(id)
        guard intent.status == .requiresCapture, let chargeID = intent.latestCharge, var charge = charges[chargeID]
        else { throw unexpectedState(intent, "captured", allowed: "requires_capture") }
        let amount = requested ?? intent.amountCapturable
        guard amount <= intent.amountCapturable else {
            throw .refused(
                "The remaining amount capturable for this PaymentIntent is \(intent.amountCapturable), but the "
                    + "requested amount is \(amount). Please try again with an amount less than or equal to "
                    + "\(intent.amountCapturable).",
                code: "amount_too_large", parameter: "amount_to_capture", paymentIntent: intent.rendered)
        }
        take(amount, of: &charge, of: intent, context)
        // What is not captured is released: a final capture leaves nothing capturable, and a release is no refund.
        intent.status = .succeeded
        intent.amountCapturable = 0
        intent.amountReceived = amount
        charges.store(charge)
        paymentIntents.store(intent)
        emit("charge.captured", charge, of: intent, context)
        emit("payment_intent.succeeded", intent, of: intent, context)
        return StripeOutcome(object: intent.rendered)
    }

    /// POST /v1/payment_intents/{id}/cancel
    mutating func cancelPaymentIntent(
        _ id: String, _ parameters: StripeParameters, _ context: StripeCallContext
    ) throws(StripeError) -> StripeOutcome {
        try parameters.allowOnly(["cancellation_reason", "expand"])
        let reason = try parameters.choice(
            "cancellation_reason", of: ["abandoned", "duplicate", "fraudulent", "requested_by_customer"])
        var intent = try existingPaymentIntent(id)
        switch intent.status {
        case .canceled, .succeeded:
            throw unexpectedState(
                intent, "canceled",
                allowed: "requires_payment_method, requires_capture, requires_confirmation, requires_action")
        case .requiresPaymentMethod, .requiresConfirmation, .requiresAction, .requiresCapture: break
        }
        intent.status = .canceled
        intent.canceledAt = context.now
        intent.cancellationReason = reason
        intent.amountCapturable = 0
        intent.nextAction = nil
        paymentIntents.store(intent)
        emit("payment_intent.canceled", intent, of: intent, context)
        return StripeOutcome(object: intent.rendered)
    }

    /// The customer came back from the issuer's page.
    mutating func completeAuthentication(
        _ id: String, succeeds: Bool, _ context: StripeCallContext
    ) throws(StripeError) -> StripePaymentIntent {
        var intent = try existingPaymentIntent(id)
        guard intent.status == .requiresAction,
            let method = intent.paymentMethod.flatMap(StripeTestPaymentMethod.named)
        else { throw unexpectedState(intent, "authenticated", allowed: "requires_action") }
        if succeeds {
            approve(&intent, with: method, context)
        } else {
            _ = decline(&intent, method, Self.authenticationFailed, context)
        }
        return intent
    }

    private static let authenticationFailed = StripeCharge.Failure(
        code: "payment_intent_authentication_failure", declineCode: "authentication_required",
        message: "The provided PaymentMethod has failed authentication.")

    /// The intent of an identifier in the path.
    func existingPaymentIntent(_ id: String) throws(StripeError) -> StripePaymentIntent {
        guard let intent = paymentIntents[id] else { throw .missing("payment_intent", id, parameter: "intent") }
        return intent
    }

    private func unexpectedState(_ intent: StripePaymentIntent, _ verb: String, allowed: String) -> StripeError {
        .refused(
            "This PaymentIntent could not be \(verb) because it has a status of \(intent.status.rawValue). "
                + "Only a PaymentIntent with one of the following statuses may be \(verb): \(allowed).",
            code: "payment_intent_unexpected_state", paymentIntent: intent.rendered)
    }
}
