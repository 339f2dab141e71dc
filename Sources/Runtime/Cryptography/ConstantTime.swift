import COpenSSL

/// Comparison whose duration does not depend on where two secrets differ.
public enum ConstantTime {
    /// Whether two byte strings are equal. Their lengths are not secret: different lengths answer at once.
    public static func equal(_ left: some Sequence<UInt8>, _ right: some Sequence<UInt8>) -> Bool {
        withBytes(of: left) { left in
            withBytes(of: right) { right in
                guard left.count == right.count else { return false }
                guard let leftAddress = left.baseAddress, let rightAddress = right.baseAddress else { return true }
                return CRYPTO_memcmp(leftAddress, rightAddress, left.count) == 0
            }
        }
    }
}
