import Cryptography
import Foundation

/// The header `Stripe-Signature` (docs.stripe.com/webhooks#verify-manually).
enum StripeWebhookSignature {
    /// Signs a body: HMAC-SHA256 over "<seconds>.<body>", keyed with the secret's text including its `whsec_`.
    static func header(body: Data, secret: String, seconds: Int64) -> String {
        let message = Array("\(seconds).".utf8) + Array(body)
        let signature = Hex.encode(HMAC.sha256(key: Array(secret.utf8), message: message))
        return "t=\(seconds),v1=\(signature)"
    }
}
