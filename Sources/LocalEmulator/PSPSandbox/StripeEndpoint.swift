/// The endpoints of the Stripe API this sandbox serves.
enum StripeEndpoint: Sendable, Equatable {
    case createPaymentIntent
    case listPaymentIntents
    case retrievePaymentIntent(String)
    case confirmPaymentIntent(String)
    case capturePaymentIntent(String)
    case cancelPaymentIntent(String)
    case createRefund
    case listRefunds
    case retrieveRefund(String)
    case retrieveCharge(String)
    case retrieveBalanceTransaction(String)
    case listEvents
    case retrieveEvent(String)

    /// The endpoint of a request; `nil` when there is none.
    init?(method: String, path: [String]) {
        guard path.first == "v1" else { return nil }
        switch (method, path.count, path.dropFirst().first, path.last) {
        case ("POST", 2, "payment_intents", _): self = .createPaymentIntent
        case ("GET", 2, "payment_intents", _): self = .listPaymentIntents
        case ("GET", 3, "payment_intents", .some(let id)): self = .retrievePaymentIntent(id)
        case ("POST", 4, "payment_intents", "confirm"): self = .confirmPaymentIntent(path[2])
        case ("POST", 4, "payment_intents", "capture"): self = .capturePaymentIntent(path[2])
        case ("POST", 4, "payment_intents", "cancel"): self = .cancelPaymentIntent(path[2])
        case ("POST", 2, "refunds", _): self = .createRefund
        case ("GET", 2, "refunds", _): self = .listRefunds
        case ("GET", 3, "refunds", .some(let id)): self = .retrieveRefund(id)
        case ("GET", 3, "charges", .some(let id)): self = .retrieveCharge(id)
        case ("GET", 3, "balance_transactions", .some(let id)): self = .retrieveBalanceTransaction(id)
        case ("GET", 2, "events", _): self = .listEvents
        case ("GET", 3, "events", .some(let id)): self = .retrieveEvent(id)
        default: return nil
        }
    }
}

extension StripeAccount {
    /// Executes an endpoint and expands its answer.
    ///
    /// - Throws: the error answer; `endpointBegan` says whether anything may have been executed.
    mutating func perform(
        _ endpoint: StripeEndpoint, _ parameters: StripeParameters, _ context: StripeCallContext
    ) throws(StripeError) -> StripeOutcome {
        let expansions = try parameters.texts("expand")
        var outcome = try execute(endpoint, parameters, context)
        do {
            outcome.object = try StripeExpansion.expand(outcome.object, expansions) { rendered(id: $0) }
        } catch {
            // The endpoint has done its work; the answer belongs to the key although it is an error.
            var kept = error
            kept.endpointBegan = true
            throw kept
        }
        return outcome
    }

    private mutating func execute(
        _ endpoint: StripeEndpoint, _ parameters: StripeParameters, _ context: StripeCallContext
    ) throws(StripeError) -> StripeOutcome {
        switch endpoint {
        case .createPaymentIntent: return try createPaymentIntent(parameters, context)
        case .confirmPaymentIntent(let id): return try confirmPaymentIntent(id, parameters, context)
        case .capturePaymentIntent(let id): return try capturePaymentIntent(id, parameters, context)
        case .cancelPaymentIntent(let id): return try cancelPaymentIntent(id, parameters, context)
        case .createRefund: return try createRefund(parameters, context)
        case .listPaymentIntents, .listRefunds, .listEvents:
            return StripeOutcome(object: try list(endpoint, parameters))
        case .retrievePaymentIntent(let id):
            return try retrieve(paymentIntents[id], "payment_intent", id, parameter: "intent", parameters)
        case .retrieveRefund(let id): return try retrieve(refunds[id], "refund", id, parameter: "id", parameters)
        case .retrieveCharge(let id): return try retrieve(charges[id], "charge", id, parameter: "id", parameters)
        case .retrieveBalanceTransaction(let id):
            return try retrieve(balanceTransactions[id], "balance transaction", id, parameter: "id", parameters)
        case .retrieveEvent(let id): return try retrieve(events[id], "event", id, parameter: "id", parameters)
        }
    }

    private func retrieve(
        _ object: (some StripeObject)?, _ kind: String, _ id: String, parameter: String,
        _ parameters: StripeParameters
    ) throws(StripeError) -> StripeOutcome {
        // The client secret is how a browser proves itself; a secret key does not need it.
        try parameters.allowOnly(["expand", "client_secret"])
        guard let object else { throw .missing(kind, id, parameter: parameter) }
        return StripeOutcome(object: object.rendered)
    }

    private func list(
        _ endpoint: StripeEndpoint, _ parameters: StripeParameters
    ) throws(StripeError) -> JSONValue {
        switch endpoint {
        case .listRefunds:
            try parameters.allowOnly(StripeListing.parameterNames.union(["payment_intent", "charge"]))
            let intent = try parameters.text("payment_intent")
            let charge = try parameters.text("charge")
            return try StripeListing.page(of: refunds, kind: "refund", url: "/v1/refunds", parameters) {
                (intent == nil || $0.paymentIntent == intent) && (charge == nil || $0.charge == charge)
            }
        case .listEvents:
            try parameters.allowOnly(StripeListing.parameterNames.union(["type", "types"]))
            let types = try parameters.texts("types") + [try parameters.text("type")].compactMap(\.self)
            return try StripeListing.page(of: events, kind: "event", url: "/v1/events", parameters) {
                types.isEmpty || types.contains($0.type)
            }
        default:
            try parameters.allowOnly(StripeListing.parameterNames.union(["customer"]))
            let customer = try parameters.text("customer")
            return try StripeListing.page(
                of: paymentIntents, kind: "payment_intent", url: "/v1/payment_intents", parameters
            ) { customer == nil || $0.customer == customer }
        }
    }
}
