import Domain
import FoundationEssentials

/// Takes a webhook from its bytes to its meaning: first the signature, only then the content.
public struct StripeWebhookReceiver: Sendable {
    private let secrets: any SecretSource
    private let secretID: String
    private let clock: any WallClock

    /// A receiver that takes its signing secrets from the secret named `secretID`.
    public init(secrets: any SecretSource, secretID: String, clock: any WallClock) {
        self.secrets = secrets
        self.secretID = secretID
        self.clock = clock
    }

    /// What went wrong with a webhook.
    public enum Failure: Error, Sendable, Equatable {
        /// Not from Stripe, as far as we can tell: nothing of it may have an effect.
        case signature(StripeSignatureError)
        /// From Stripe, and not an event we can read.
        case unreadable(StripeWebhookParseError)
        /// The signing secret cannot be had now.
        case secret(SecretError)
    }

    /// - Parameters:
    ///   - signature: the value of `Stripe-Signature`.
    ///   - body: exactly the bytes that were received.
    public func receive(signature: String?, body: Data) async throws(Failure) -> ProviderNotification {
        try await verify(signature, body)
        do { return try StripeWebhookParser.parse(body) } catch { throw .unreadable(error) }
    }

    /// A signature that no known secret explains may be made with a secret that was rolled since we last looked.
    private func verify(_ signature: String?, _ body: Data) async throws(Failure) {
        do {
            try Self.check(signature, body, try await current(), clock.now())
        } catch .signature(.noMatchingSignature) {
            try Self.check(signature, body, try await refreshed(), clock.now())
        }
    }

    private static func check(
        _ signature: String?, _ body: Data, _ credentials: StripeCredentials, _ now: Date
    ) throws(Failure) {
        do {
            try StripeWebhookVerifier.verify(
                header: signature, body: body, secrets: credentials.webhookSecrets, now: now)
        } catch {
            throw .signature(error)
        }
    }

    private func current() async throws(Failure) -> StripeCredentials {
        do { return try StripeCredentials(secret: try await secrets.secret(secretID), id: secretID) } catch {
            throw .secret(error)
        }
    }

    private func refreshed() async throws(Failure) -> StripeCredentials {
        do { return try StripeCredentials(secret: try await secrets.refreshedSecret(secretID), id: secretID) } catch {
            throw .secret(error)
        }
    }
}
