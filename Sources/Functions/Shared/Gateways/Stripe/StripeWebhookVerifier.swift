import Cryptography
import FoundationEssentials

/// Why a webhook's signature was refused. The texts are those of Stripe's own libraries.
public enum StripeSignatureError: Error, Sendable, Equatable {
    /// The header is missing, has no timestamp, or has several.
    case malformedHeader
    /// The header has no signature of the scheme `v1`.
    case noSupportedScheme
    /// No signature belongs to these bytes and any of our secrets.
    case noMatchingSignature
    /// Genuine, but signed too long ago, or in the future.
    case timestampOutsideTolerance

    /// A sentence for the answer and the log.
    public var message: String {
        switch self {
        case .malformedHeader: "Unable to extract timestamp and signatures from header"
        case .noSupportedScheme: "No signatures found with expected scheme v1"
        case .noMatchingSignature: "No signatures found matching the expected signature for payload"
        case .timestampOutsideTolerance: "Timestamp outside the tolerance zone"
        }
    }
}

/// Verifies `Stripe-Signature: t=<unix>,v1=<hex>[,v1=<hex>…]` over the raw bytes of a webhook
/// (docs.stripe.com/webhooks, "Verify webhook signatures manually").
public enum StripeWebhookVerifier {
    /// The header's name; look it up without regard to case.
    public static let headerName = "Stripe-Signature"
    /// A signature made exactly this long ago is still accepted (default of Stripe's libraries).
    public static let toleranceSeconds: Int64 = 300

    /// Returns if one of the signatures was made over these bytes with one of the secrets, at an acceptable time.
    ///
    /// The checks follow the order of Stripe's libraries: header, scheme, signature, time. Unlike them, a timestamp too
    /// far in the future is refused as well: nobody signs tomorrow's webhook today.
    ///
    /// - Parameters:
    ///   - body: exactly the bytes that were received; any re-encoding breaks the signature (D-05).
    ///   - secrets: as text, with their `whsec_` prefix; several while one is being rolled.
    public static func verify(
        header: String?, body: Data, secrets: [String], now: Date, toleranceSeconds: Int64 = toleranceSeconds
    ) throws(StripeSignatureError) {
        let signature = try SignatureHeader(header)
        guard !signature.candidates.isEmpty else { throw .noSupportedScheme }
        let message = Array(signature.timestampText.utf8) + [UInt8(ascii: ".")] + [UInt8](body)
        var isGenuine = false
        for secret in secrets {
            let expected = Array(HMAC.sha256Hex(key: Array(secret.utf8), message: message).utf8)
            // No early exit: how long this takes must not tell which secret or signature came close.
            for candidate in signature.candidates where ConstantTime.equal(expected, Array(candidate.utf8)) {
                isGenuine = true
            }
        }
        guard isGenuine else { throw .noMatchingSignature }
        let age = Int64(now.timeIntervalSince1970.rounded(.down)) - signature.timestamp
        guard abs(age) <= toleranceSeconds else { throw .timestampOutsideTolerance }
    }

    /// A signature header as Stripe makes it, for whoever sends webhooks in a test.
    public static func header(body: Data, secret: String, timestamp: Int64) -> String {
        let message = Array("\(timestamp).".utf8) + [UInt8](body)
        return "t=\(timestamp),v1=" + HMAC.sha256Hex(key: Array(secret.utf8), message: message)
    }

    private struct SignatureHeader {
        let timestamp: Int64
        /// The digits as they were sent: they are what was signed.
        let timestampText: String
        let candidates: [String]

        /// Unknown schemes are ignored: accepting an older one would allow a downgrade. A second timestamp is refused:
        /// which of the two was checked must not depend on who reads.
        init(_ header: String?) throws(StripeSignatureError) {
            guard let header, header.utf8.count <= Self.maximumHeaderBytes else { throw .malformedHeader }
            var timestamps: [Substring] = []
            var candidates: [String] = []
            for part in header.split(separator: ",") {
                let pair = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                guard pair.count == 2 else { continue }
                switch pair[0].drop(while: { $0 == " " }) {
                case "t": timestamps.append(pair[1])
                case "v1": candidates.append(String(pair[1]))
                default: break
                }
            }
            guard timestamps.count == 1, let timestamp = Int64(timestamps[0]), timestamp >= 0,
                timestamp <= Self.maximumTimestamp
            else { throw .malformedHeader }
            self.timestamp = timestamp
            timestampText = String(timestamps[0])
            self.candidates = candidates
        }

        /// Stripe's headers have about 150 bytes per secret being rolled.
        private static let maximumHeaderBytes = 4096
        /// The year 9999; keeps the arithmetic on timestamps from overflowing.
        private static let maximumTimestamp: Int64 = 253_402_300_799
    }
}
