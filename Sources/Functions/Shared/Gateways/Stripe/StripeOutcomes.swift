import Domain
import FoundationEssentials
import HTTPClient

/// What Stripe's answers mean for a charge or refund: the one table that decides between "it happened", "it did not",
/// and "nobody knows yet". Sources: docs.stripe.com/api/errors, docs.stripe.com/api/idempotent_requests.
///
/// The rule behind every row: *declined* and *not attempted* need proof that no money moved. Whatever is not proven is
/// *unknown*, which is always safe, because the worker resolves it by sending the same request with the same key.
enum StripeOutcomes {
    /// What to do about an answer that is not a success.
    enum Refusal: Sendable, Equatable {
        /// A definitive or an unknown outcome.
        case outcome(GatewayOutcome)
        /// Stripe did nothing; the same key may be sent again later.
        case notAttempted(GatewayNotAttempted)
        /// The API key was refused; a rotated key may help.
        case unauthorized(GatewayNotAttempted)
    }

    // MARK: - Objects

    /// The outcome of a PaymentIntent in its present state.
    static func outcome(of intent: StripePaymentIntent) -> GatewayOutcome {
        switch intent.status {
        case "succeeded":
            return evidence(
                reference: intent.id, amount: intent.amountReceived ?? intent.amount, currency: intent.currency,
                isCaptured: true)
        case "requires_capture":
            return evidence(
                reference: intent.id, amount: intent.amountCapturable ?? intent.amount, currency: intent.currency,
                isCaptured: false)
        case "requires_action":
            return .requiresAction(reference: intent.id, redirectURL: intent.redirectURL)
        case "processing":
            return .pending(reference: intent.id)
        case "requires_payment_method":
            // The same status stands before the first confirmation; only an error makes it a refusal.
            guard let error = intent.lastPaymentError else {
                return .unknown(detail: "payment intent \(intent.id) was not confirmed")
            }
            return .declined(decline(error, reference: intent.id))
        case "canceled":
            return .declined(
                GatewayDecline(
                    reason: "canceled", declineCode: intent.cancellationReason,
                    message: "The payment was canceled at the provider.", reference: intent.id))
        default:
            // Includes requires_confirmation, which a confirmed request does not leave behind.
            return .unknown(detail: "payment intent \(intent.id) has status \(intent.status)")
        }
    }

    /// The outcome of a Refund in its present state.
    static func outcome(of refund: StripeRefund) -> GatewayOutcome {
        switch refund.status {
        case "succeeded":
            return evidence(
                reference: refund.id, amount: refund.amount, currency: refund.currency, isCaptured: true)
        case "pending", "requires_action":
            return .pending(reference: refund.id)
        case "failed", "canceled":
            return .declined(
                GatewayDecline(
                    reason: "refund_" + refund.status, declineCode: refund.failureReason,
                    message: "The provider reports the refund as \(refund.status).", reference: refund.id))
        default:
            return .unknown(detail: "refund \(refund.id) has status \(refund.status)")
        }
    }

    /// A success carries what Stripe says it moved, not what was asked for: the domain compares the two (D-23).
    private static func evidence(
        reference: String, amount: Int64, currency: String, isCaptured: Bool
    ) -> GatewayOutcome {
        do {
            let money = try ProviderCurrencyRules.stripe.money(
                fromProviderAmount: amount, currency: try Currency(currency))
            return .succeeded(GatewayEvidence(reference: reference, amount: money, isCaptured: isCaptured))
        } catch {
            return .unknown(detail: "\(reference) succeeded with an amount that cannot be read: \(error)")
        }
    }

    // MARK: - Errors

    /// What an answer with an error status means.
    static func refusal(status: Int, retryAfterMilliseconds: Int?, error: StripeError?) -> Refusal {
        let label = [error?.type, error?.code].compactMap { $0 }.joined(separator: " ")
        let detail = "HTTP \(status)" + (label.isEmpty ? "" : " " + label)
        let notAttempted = GatewayNotAttempted(reason: detail, retryAfterMilliseconds: retryAfterMilliseconds)
        switch status {
        case 400 where error?.code == "rate_limit":
            // The form rate limiting had before 429.
            return .notAttempted(notAttempted)
        case 400, 404:
            // An idempotency error says that this key was used with other parameters: a first request exists, and
            // its outcome is not known here.
            guard let error, error.type != "idempotency_error" else { return .outcome(.unknown(detail: detail)) }
            return .outcome(.declined(invalidRequest(error)))
        case 401:
            return .unauthorized(notAttempted)
        case 402:
            // Without the envelope it may come from something in between.
            guard let error else { return .outcome(.unknown(detail: detail)) }
            return .outcome(.declined(decline(error, reference: error.paymentIntentID)))
        case 403:
            return .notAttempted(notAttempted)
        case 409 where isLockConflict(error):
            return .notAttempted(notAttempted)
        case 429:
            return .notAttempted(notAttempted)
        default:
            return .outcome(.unknown(detail: detail))
        }
    }

    /// What it means that no complete answer came.
    static func refusal(transport error: HTTPClientError) -> Refusal {
        guard error.requestMayHaveBeenProcessed else {
            return .notAttempted(GatewayNotAttempted(reason: "\(error)", retryAfterMilliseconds: nil))
        }
        return .outcome(.unknown(detail: "\(error)"))
    }

    /// A conflict with a request that holds the same key or the same object at this moment.
    private static func isLockConflict(_ error: StripeError?) -> Bool {
        switch error?.code {
        case "lock_timeout", "idempotency_key_in_use": true
        case nil: error?.type == "idempotency_error"
        default: false
        }
    }

    private static func decline(_ error: StripeError, reference: String?) -> GatewayDecline {
        GatewayDecline(
            reason: error.code ?? "declined", declineCode: error.declineCode,
            message: error.message ?? "The payment was declined.", reference: reference)
    }

    private static func invalidRequest(_ error: StripeError) -> GatewayDecline {
        GatewayDecline(
            reason: "invalid_request", declineCode: error.code,
            message: error.message ?? "The provider refused the request.", reference: error.paymentIntentID)
    }
}
