import Domain
import FoundationEssentials

/// What the Stripe secret holds: `{"api_key":"sk_…","webhook_secrets":["whsec_…"]}`.
struct StripeCredentials: Sendable, Decodable {
    let apiKey: String
    /// Several while a secret is being rolled: a webhook signed with any of them is genuine.
    let webhookSecrets: [String]

    private enum CodingKeys: String, CodingKey {
        case apiKey = "api_key"
        case webhookSecrets = "webhook_secrets"
    }

    /// - Throws: a `SecretError` that names what is missing, never what is there.
    init(secret: String, id: String) throws(SecretError) {
        let decoded: StripeCredentials
        do {
            decoded = try JSONDecoder().decode(StripeCredentials.self, from: Data(secret.utf8))
        } catch {
            throw SecretError("secret \(id) must be an object with api_key and webhook_secrets")
        }
        // A secret pasted with a line break makes every signature wrong and every header invalid.
        apiKey = Self.trimmed(decoded.apiKey)
        webhookSecrets = decoded.webhookSecrets.map(Self.trimmed).filter { !$0.isEmpty }
        guard !apiKey.isEmpty else { throw SecretError("secret \(id) has an empty api_key") }
    }

    private static func trimmed(_ text: String) -> String {
        let start = text.drop(while: \.isWhitespace)
        return String(start.reversed().drop(while: \.isWhitespace).reversed())
    }
}
