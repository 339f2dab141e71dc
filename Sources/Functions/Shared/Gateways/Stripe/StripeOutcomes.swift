import Domain
import FoundationEssentials
import HTTPClient

/// What Stripe's answers mean for a charge or refund: the one table that decides between "it happened", "it did not",
/// and "nobody knows yet". Sources: docs.stripe.com/api/errors, docs.stripe.com/api/idempotent_requests.
///
/// The rule behind every row: *declined* and *not attempted* need proof that no money moved. Whatever is not proven is
/// *unknown*, which is always safe, because the worker resolves it by sending the same request with the same key.
///
/// A refusal with 400 or 404 proves it for its own request only: Stripe keeps the answer of a request under its key once
/// execution has begun, and not when the validation of parameters fails. A card error with 402 is such a kept answer.
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
                    message: "The payment was canceled at the provider.", reference: intent.id,
                    reach: .cancellation))
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

    /// What an answer with an error status to a request that changes something means.
    static func refusal(status: Int, retryAfterMilliseconds: Int?, error: StripeError?) -> Refusal {
        let detail = detail(status, error)
        let notAttempted = GatewayNotAttempted(reason: detail, retryAfterMilliseconds: retryAfterMilliseconds)
        switch status {
        case 400 where error?.code == "rate_limit":
            // The form rate limiting had before 429.
            return .notAttempted(notAttempted)
        case 400, 402, 404:
            guard let decline = error.flatMap({ decline(status: status, $0) }) else {
                return .outcome(.unknown(detail: detail))
            }
            return .outcome(.declined(decline))
        case 401:
            return .unauthorized(notAttempted)
        case 403, 429:
            return .notAttempted(notAttempted)
        case 409 where error?.code == "lock_timeout":
            return .notAttempted(notAttempted)
        default:
            // Among them 409 idempotency_key_in_use: another request with this key is being executed at this moment.
            return .outcome(.unknown(detail: detail))
        }
    }

    /// What an answer with an error status to a question means. A question that fails proves nothing about the object it
    /// asked for: only the object itself can tell of a refusal.
    static func unanswered(status: Int, retryAfterMilliseconds: Int?, error: StripeError?) -> Refusal {
        let detail = detail(status, error)
        let notAttempted = GatewayNotAttempted(reason: detail, retryAfterMilliseconds: retryAfterMilliseconds)
        switch status {
        case 401: return .unauthorized(notAttempted)
        case 429: return .notAttempted(notAttempted)
        default: return .outcome(.unknown(detail: detail))
        }
    }

    /// What it means that no complete answer came.
    static func refusal(transport error: HTTPClientError) -> Refusal {
        guard error.requestMayHaveBeenProcessed else {
            return .notAttempted(GatewayNotAttempted(reason: "\(error)", retryAfterMilliseconds: nil))
        }
        return .outcome(.unknown(detail: "\(error)"))
    }

    private static func detail(_ status: Int, _ error: StripeError?) -> String {
        let label = [error?.type, error?.code].compactMap { $0 }.joined(separator: " ")
        return "HTTP \(status)" + (label.isEmpty ? "" : " " + label)
    }

    /// The refusal that an error with status 400, 402 or 404 stands for; `nil` when it is not clearly Stripe's own word.
    /// Something in between may also answer in JSON, and an idempotency error says that a first request with other
    /// parameters exists, whose outcome is not known here.
    private static func decline(status: Int, _ error: StripeError) -> GatewayDecline? {
        guard error.code != nil || error.parameter != nil else { return nil }
        switch error.type {
        case "card_error" where status == 402: return decline(error, reference: error.paymentIntentID)
        case "card_error", "invalid_request_error": return invalidRequest(error)
        default: return nil
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
            message: error.message ?? "The provider refused the request.", reference: error.paymentIntentID,
            reach: .request)
    }
}
