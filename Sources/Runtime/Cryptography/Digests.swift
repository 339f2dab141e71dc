import COpenSSL

/// SHA-256 (FIPS 180-4) by libcrypto.
public enum SHA256 {
    /// The length of a digest, in bytes.
    public static let byteCount = 32

    /// The digest of the given bytes (`Data`, `[UInt8]`, `text.utf8`, …).
    public static func digest(_ bytes: some Sequence<UInt8>) -> [UInt8] {
        messageDigest(of: bytes, EVP_sha256(), byteCount: byteCount, name: "SHA-256")
    }

    /// The digest in lower-case hexadecimal, 64 characters.
    public static func hexDigest(_ bytes: some Sequence<UInt8>) -> String {
        Hex.encode(digest(bytes))
    }
}

/// MD5 (RFC 1321) by libcrypto: broken as a hash, kept because the SQS wire format carries it as a checksum.
public enum MD5 {
    /// The length of a digest, in bytes.
    public static let byteCount = 16

    /// The digest in lower-case hexadecimal, 32 characters.
    public static func hexDigest(_ bytes: some Sequence<UInt8>) -> String {
        Hex.encode(messageDigest(of: bytes, EVP_md5(), byteCount: byteCount, name: "MD5"))
    }
}

private func messageDigest(
    of bytes: some Sequence<UInt8>, _ algorithm: OpaquePointer?, byteCount: Int, name: String
) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: byteCount) { output, initializedCount in
        let succeeded = withBytes(of: bytes) { input in
            EVP_Digest(input.baseAddress, input.count, output.baseAddress, nil, algorithm, nil) == 1
        }
        // Only a libcrypto without the algorithm (a FIPS-only build has no MD5) gets here; no input can cause it,
        // and going on without a digest would be worse than stopping.
        precondition(succeeded, "libcrypto does not provide \(name)")
        initializedCount = byteCount
    }
}
