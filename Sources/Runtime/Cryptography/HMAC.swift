import COpenSSL

/// Keyed message authentication (RFC 2104) by libcrypto.
public enum HMAC {
    /// HMAC-SHA-256 of a message, 32 bytes. A key of any length is allowed, the empty one too.
    public static func sha256(key: some Sequence<UInt8>, message: some Sequence<UInt8>) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: SHA256.byteCount) { output, initializedCount in
            let succeeded = withBytes(of: key) { key in
                withBytes(of: message) { message in
                    authenticate(key: key, message: message, output: output.baseAddress)
                }
            }
            precondition(succeeded, "libcrypto does not provide HMAC-SHA-256")
            initializedCount = SHA256.byteCount
        }
    }

    /// HMAC-SHA-256 in lower-case hexadecimal, 64 characters.
    public static func sha256Hex(key: some Sequence<UInt8>, message: some Sequence<UInt8>) -> String {
        Hex.encode(sha256(key: key, message: message))
    }

    private static func authenticate(
        key: UnsafeBufferPointer<UInt8>, message: UnsafeBufferPointer<UInt8>, output: UnsafeMutablePointer<UInt8>?
    ) -> Bool {
        // libcrypto takes a null key for "the same key as before", so an empty one needs an address of its own.
        var empty: UInt8 = 0
        return withUnsafePointer(to: &empty) { emptyAddress in
            COpenSSL.HMAC(
                EVP_sha256(), key.baseAddress ?? emptyAddress, Int32(key.count),
                message.baseAddress ?? emptyAddress, message.count, output, nil) != nil
        }
    }
}
