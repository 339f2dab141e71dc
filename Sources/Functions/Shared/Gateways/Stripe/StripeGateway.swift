import Domain
import FoundationEssentials
import HTTPClient

/// The payment gateway port over Stripe's API.
///
/// Credentials come from the secret source for each call, so a rotated key is used without a restart. The gateway keeps
/// no state of its own and decides nothing about the charge: it reports what Stripe said.
public struct StripeGateway: PaymentGateway {
    /// Stripe's API, unless a sandbox stands in for it.
    public static let defaultBaseURL = "https://api.stripe.com"
    /// The version whose shapes this gateway reads; sent with every request so that an account's default cannot change
    /// them.
    public static let apiVersion = "2023-10-16"
    /// The longest PSP request (requirement R3.3).
    public static let maximumTimeoutMilliseconds = 30_000
    /// How long Stripe certainly remembers an idempotency key; a later repetition could be a second charge
    /// (docs.stripe.com/api/idempotent_requests: pruned after at least 24 hours). An hour is left for clocks and queues.
    public static let replayWindowSeconds: Double = 23 * 60 * 60

    public let provider = Provider.stripe

    private let client: StripeClient

    /// - Parameters:
    ///   - baseURL: scheme and authority, without a path.
    ///   - timeoutMilliseconds: for one call of the port, at most 30 s.
    ///   - uptimeMilliseconds: a clock that never goes back, for that limit.
    public init(
        transport: any HTTPTransport, secrets: any SecretSource, secretID: String,
        baseURL: String = StripeGateway.defaultBaseURL,
        timeoutMilliseconds: Int = StripeGateway.maximumTimeoutMilliseconds,
        uptimeMilliseconds: @escaping @Sendable () -> Int64 = { Uptime.milliseconds() }
    ) {
        client = StripeClient(
            transport: transport, secrets: secrets, secretID: secretID, baseURL: baseURL,
            timeoutMilliseconds: min(timeoutMilliseconds, Self.maximumTimeoutMilliseconds),
            uptimeMilliseconds: uptimeMilliseconds)
    }

    public func charge(_ request: GatewayChargeRequest) async throws(GatewayNotAttempted) -> GatewayOutcome {
        let body: StripeFormBody
        do {
            body = try Self.body(of: request)
        } catch {
            return Self.notExpressible(error)
        }
        let answer = try await client.post("/v1/payment_intents", body: body, idempotencyKey: request.idempotencyKey)
        return Self.intentOutcome(answer)
    }

    public func refund(_ request: GatewayRefundRequest) async throws(GatewayNotAttempted) -> GatewayOutcome {
        let body: StripeFormBody
        do {
            body = try Self.body(of: request)
        } catch {
            return Self.notExpressible(error)
        }
        let answer = try await client.post("/v1/refunds", body: body, idempotencyKey: request.idempotencyKey)
        switch answer {
        case .refused(let outcome): return outcome
        case .document(let document):
            guard let refund = StripeRefund(document) else {
                return .unknown(detail: "the answer to a refund is not a refund")
            }
            return StripeOutcomes.outcome(of: refund)
        }
    }

    public func retrieveCharge(reference: String) async throws(GatewayNotAttempted) -> GatewayOutcome {
        Self.intentOutcome(try await client.get("/v1/payment_intents/", id: reference))
    }

    // MARK: - Requests

    private static func body(of request: GatewayChargeRequest) throws(MoneyError) -> StripeFormBody {
        var body = StripeFormBody()
        body.add("amount", String(try ProviderCurrencyRules.stripe.providerAmount(of: request.amount)))
        body.add("currency", request.amount.currency.code.lowercased())
        body.add("payment_method", request.paymentMethod)
        // Without an explicit list, this API version offers redirect methods and then demands a return URL.
        body.add("payment_method_types[0]", "card")
        body.add("confirm", "true")
        body.add("capture_method", request.captureMode.rawValue)
        body.add("description", request.description)
        body.add("return_url", request.returnURL)
        body.add("metadata[\(StripeMetadata.chargeID)]", request.chargeID.rawValue)
        body.add("metadata[\(StripeMetadata.merchantID)]", request.merchantID.rawValue)
        return body
    }

    private static func body(of request: GatewayRefundRequest) throws(MoneyError) -> StripeFormBody {
        var body = StripeFormBody()
        body.add("payment_intent", request.providerReference)
        body.add("amount", String(try ProviderCurrencyRules.stripe.providerAmount(of: request.amount)))
        body.add("reason", request.reason.flatMap { refundReasons.contains($0) ? $0 : nil })
        body.add("metadata[\(StripeMetadata.chargeID)]", request.chargeID.rawValue)
        body.add("metadata[\(StripeMetadata.merchantID)]", request.merchantID.rawValue)
        body.add("metadata[\(StripeMetadata.refundID)]", request.refundID.rawValue)
        return body
    }

    /// The reasons Stripe takes; a merchant's other words stay in our own event.
    private static let refundReasons: Set<String> = ["duplicate", "fraudulent", "requested_by_customer"]

    // MARK: - Answers

    private static func intentOutcome(_ answer: StripeClient.Answer) -> GatewayOutcome {
        switch answer {
        case .refused(let outcome): return outcome
        case .document(let document):
            guard let intent = StripePaymentIntent(document) else {
                return .unknown(detail: "the answer to a payment intent request is not a payment intent")
            }
            return StripeOutcomes.outcome(of: intent)
        }
    }

    /// Nothing is sent for an amount that Stripe could only take rounded (D-14).
    private static func notExpressible(_ error: MoneyError) -> GatewayOutcome {
        .declined(
            GatewayDecline(
                reason: "amount_not_supported", declineCode: nil, message: "\(error)", reference: nil))
    }
}
