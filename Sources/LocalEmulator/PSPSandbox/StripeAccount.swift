/// Who asks, and for what: what an endpoint needs to know of its request besides the parameters.
struct StripeCallContext: Sendable {
    /// Seconds since 1970.
    let now: Int64
    let requestID: String?
    let idempotencyKey: String?
    let apiVersion: String
    /// Scheme and authority under which the caller reached the sandbox, for links in answers.
    let baseURL: String
}

/// The result of an endpoint.
struct StripeOutcome: Sendable {
    /// The object to answer with.
    var object: JSONValue
    /// Whether the fault "commit, then never answer" takes this answer.
    var answerIsLost = false
}

/// The state of one Stripe account and the rules by which it changes.
///
/// Nothing here blocks or talks: the sandbox holds the account under a lock and delivers what `events` gained.
struct StripeAccount: Sendable {
    var paymentIntents = StripeCollection<StripePaymentIntent>()
    var charges = StripeCollection<StripeCharge>()
    var refunds = StripeCollection<StripeRefund>()
    var balanceTransactions = StripeCollection<StripeBalanceTransaction>()
    var events = StripeCollection<StripeEvent>()

    /// The key under which merchants of this project keep their own charge id in the metadata.
    static let chargeReferenceKey = "charge_id"

    /// Records an event about a payment intent's own object or one below it.
    mutating func emit(
        _ type: String, _ object: some StripeObject, of intent: StripePaymentIntent, previous: JSONValue? = nil,
        _ context: StripeCallContext
    ) {
        events.store(
            StripeEvent(
                id: StripeIdentifier.make("evt"), created: context.now, type: type, object: object.rendered,
                previousAttributes: previous, requestID: context.requestID, idempotencyKey: context.idempotencyKey,
                paymentIntent: intent.id, chargeReference: intent.metadata[Self.chargeReferenceKey]))
    }

    /// Any object by its identifier, for expansion.
    func rendered(id: String) -> JSONValue? {
        switch id.prefix(while: { $0 != "_" }) {
        case "pi": paymentIntents[id]?.rendered
        case "ch": charges[id]?.rendered
        case "re": refunds[id]?.rendered
        case "txn": balanceTransactions[id]?.rendered
        case "pm": StripeTestPaymentMethod.named(id)?.rendered(createdSeconds: 0)
        default: nil
        }
    }
}
