/// How the parameters of a payment intent are read and checked.
extension StripeAccount {
    /// The first API version in which a payment intent takes the dashboard's payment methods unless told otherwise.
    private static let automaticPaymentMethodsSince = "2023-08-16"

    /// A payment intent as its parameters describe it, before any payment method is looked at.
    static func newPaymentIntent(
        _ parameters: StripeParameters, _ context: StripeCallContext
    ) throws(StripeError) -> StripePaymentIntent {
        let currency = try currency(parameters)
        let types = try parameters.texts("payment_method_types")
        let id = StripeIdentifier.make("pi")
        return StripePaymentIntent(
            id: id, created: context.now, clientSecret: id + StripeIdentifier.make("_secret"),
            amount: try amount(parameters, currency), currency: currency, metadata: try parameters.metadata(),
            description: try parameters.text("description"), customer: try parameters.text("customer"),
            receiptEmail: try parameters.text("receipt_email"),
            setupFutureUsage: try parameters.choice("setup_future_usage", of: ["off_session", "on_session"]),
            statementDescriptor: try parameters.text("statement_descriptor"),
            statementDescriptorSuffix: try parameters.text("statement_descriptor_suffix"),
            confirmationMethod: try parameters.choice("confirmation_method", of: ["automatic", "manual"])
                ?? "automatic",
            paymentMethodTypes: types.isEmpty ? ["card"] : types,
            automaticPaymentMethods: try automaticPaymentMethods(parameters, types, context),
            captureMethod: try captureMethod(parameters) ?? "automatic",
            returnURL: try parameters.text("return_url"))
    }

    /// The parameter `capture_method`.
    static func captureMethod(_ parameters: StripeParameters) throws(StripeError) -> String? {
        try parameters.choice("capture_method", of: ["automatic", "automatic_async", "manual"])
    }

    /// The payment method a parameter names.
    static func paymentMethod(_ parameters: StripeParameters) throws(StripeError) -> StripeTestPaymentMethod? {
        guard let id = try parameters.text("payment_method") else { return nil }
        guard let method = StripeTestPaymentMethod.named(id) else {
            throw .missing("PaymentMethod", id, parameter: "payment_method", status: 400)
        }
        return method
    }

    /// Whether a payment that needs its customer may wait for them.
    static func mayAskCustomer(_ parameters: StripeParameters) throws(StripeError) -> Bool {
        let isOffSession = try parameters.boolean("off_session") ?? false
        let failsInstead = try parameters.boolean("error_on_requires_action") ?? false
        return !isOffSession && !failsInstead
    }

    /// Stripe refuses to confirm with the dashboard's payment methods and nowhere to send the customer back to.
    static func requireReturnURL(
        _ intent: StripePaymentIntent, _ context: StripeCallContext
    ) throws(StripeError) {
        guard intent.automaticPaymentMethods?.allowsRedirects == true, intent.returnURL == nil else { return }
        throw .invalidParameter(
            "This PaymentIntent is configured to accept payment methods enabled in your Dashboard. Because some of "
                + "these payment methods might redirect your customer off of your page, you must provide a "
                + "`return_url`. If you don't want to accept redirect-based payment methods, set "
                + "`automatic_payment_methods[enabled]` to `true` and `automatic_payment_methods[allow_redirects]` "
                + "to `never` when creating Setup Intents and Payment Intents.",
            parameter: "return_url")
    }

    /// Stripe's refusal of an amount below one.
    static func amountTooSmall(_ parameter: String) -> StripeError {
        .invalidParameter(
            "This value must be greater than or equal to 1.", code: "parameter_invalid_integer",
            parameter: parameter)
    }

    private static func currency(_ parameters: StripeParameters) throws(StripeError) -> StripeCurrency {
        guard let code = try parameters.text("currency") else { throw missingParameter("currency") }
        guard let currency = StripeCurrency(code) else {
            throw .invalidParameter("Invalid currency: \(code.lowercased()).", parameter: "currency")
        }
        return currency
    }

    private static func amount(
        _ parameters: StripeParameters, _ currency: StripeCurrency
    ) throws(StripeError) -> Int64 {
        guard let amount = try parameters.integer("amount") else { throw missingParameter("amount") }
        guard amount >= 1 else { throw amountTooSmall("amount") }
        guard amount <= maximumAmount else {
            throw .invalidParameter(
                "Amount must be no more than \(maximumAmount).", code: "amount_too_large", parameter: "amount")
        }
        guard amount.isMultiple(of: currency.granularity) else {
            throw .invalidParameter(
                "Amounts in \(currency.code) must be multiples of \(currency.granularity).",
                code: "parameter_invalid_integer", parameter: "amount")
        }
        return amount
    }

    private static func automaticPaymentMethods(
        _ parameters: StripeParameters, _ types: [String], _ context: StripeCallContext
    ) throws(StripeError) -> StripePaymentIntent.AutomaticPaymentMethods? {
        let nested = try parameters.nested("automatic_payment_methods")
        let isDefault = types.isEmpty && context.apiVersion >= automaticPaymentMethodsSince
        guard try nested.boolean("enabled") ?? isDefault else { return nil }
        guard types.isEmpty else {
            throw .invalidParameter(
                "You may only specify one of these parameters: automatic_payment_methods, payment_method_types.",
                parameter: "automatic_payment_methods")
        }
        let redirects = try nested.choice("allow_redirects", of: ["always", "never"]) ?? "always"
        return .init(allowsRedirects: redirects == "always")
    }

    private static func missingParameter(_ name: String) -> StripeError {
        .invalidParameter("Missing required param: \(name).", code: "parameter_missing", parameter: name)
    }
}
