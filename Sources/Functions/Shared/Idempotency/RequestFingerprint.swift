import Cryptography
import Domain
import FoundationEssentials

/// Tells whether two requests under one idempotency key are the same request.
public enum RequestFingerprint {
    /// A hash over merchant, method, path and the canonical body: members sorted and numbers normalised, so that a
    /// client that writes the same request differently is still recognised.
    ///
    /// Each part is preceded by its length: without it, parts could be shifted into each other and hash alike.
    public static func of(merchantID: MerchantID, method: String, path: String, body: JSON) -> String {
        var message: [UInt8] = []
        for part in [Array(merchantID.rawValue.utf8), Array(method.utf8), Array(path.utf8), [UInt8](body.serialized())]
        {
            withUnsafeBytes(of: UInt64(part.count).bigEndian) { message.append(contentsOf: $0) }
            message += part
        }
        return SHA256.hexDigest(message)
    }
}
