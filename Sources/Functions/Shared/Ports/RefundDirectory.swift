import Domain

/// Finds the charge of a refund before the projection has seen the refund.
///
/// The journal is kept by charge, so an id of a refund alone does not lead into it. The entry is written before the
/// refund is, therefore an entry without a refund is possible and means nothing.
public protocol RefundDirectory: Sendable {
    /// Notes the charge of a refund; repeating it is harmless.
    func record(_ refund: RefundID, of charge: ChargeID, merchantID: MerchantID) async throws(RecordStoreError)

    /// The charge of a refund of this merchant, or `nil`.
    func charge(of refund: RefundID, merchantID: MerchantID) async throws(RecordStoreError) -> ChargeID?
}
