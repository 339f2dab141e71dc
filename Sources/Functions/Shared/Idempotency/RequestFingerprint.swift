import Cryptography
import Domain
import FoundationEssentials

/// Tells whether two requests under one idempotency key are the same request.
///
/// Fingerprints are stored, and they are keyed: a plain hash of a body would let whoever reads the records find out by
/// trying what the body was (D-15). A changed key makes the requests of the last 24 hours look like others, which refuses
/// their repetitions with 422 and never runs them twice; so the key is changed only when it is lost.
public struct RequestFingerprint: Sendable {
    private let secrets: any SecretSource
    private let secretID: String

    /// Fingerprints with the key in the secret `{"key":"<text>"}` of this name.
    public init(secrets: any SecretSource, secretID: String) {
        self.secrets = secrets
        self.secretID = secretID
    }

    /// An HMAC-SHA256 over merchant, method, path and the canonical body: members sorted and numbers normalised, so that
    /// a client that writes the same request differently is still recognised.
    ///
    /// Each part is preceded by its length: without it, parts could be shifted into each other and hash alike.
    public func of(
        merchantID: MerchantID, method: String, path: String, body: JSON
    ) async throws(SecretError) -> String {
        var message: [UInt8] = []
        for part in [Array(merchantID.rawValue.utf8), Array(method.utf8), Array(path.utf8), [UInt8](body.serialized())]
        {
            withUnsafeBytes(of: UInt64(part.count).bigEndian) { message.append(contentsOf: $0) }
            message += part
        }
        return HMAC.sha256Hex(key: try await key(), message: message)
    }

    private func key() async throws(SecretError) -> [UInt8] {
        let text = JSON(parsing: Data(try await secrets.secret(secretID).utf8))?["key"]?.text
        guard let text, !text.isEmpty else {
            throw SecretError("secret \(secretID) must be an object with a key that is not empty")
        }
        return Array(text.utf8)
    }
}
