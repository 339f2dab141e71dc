import Domain

/// Tells which merchant an API key belongs to.
public protocol APIKeys: Sendable {
    /// The merchant of an active key; `nil` for a key that is unknown or no longer active.
    func merchant(forKey key: String) async throws(RecordStoreError) -> MerchantID?
}
