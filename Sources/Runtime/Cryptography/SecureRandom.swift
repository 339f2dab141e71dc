import COpenSSL

/// Unpredictable bytes from libcrypto's generator.
public enum SecureRandom {
    /// `count` random bytes, fit for keys and tokens.
    ///
    /// - Precondition: `count` is not negative. The process stops when the system has no entropy to give: predictable
    ///   identifiers in a payments system are worse than none.
    public static func bytes(_ count: Int) -> [UInt8] {
        precondition(count >= 0, "SecureRandom.bytes: negative count \(count)")
        return [UInt8](unsafeUninitializedCapacity: count) { output, initializedCount in
            precondition(RAND_bytes(output.baseAddress, Int32(count)) == 1, "libcrypto has no random bytes")
            initializedCount = count
        }
    }
}
