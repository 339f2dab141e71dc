/// The idempotency keys sent to providers: a pure function of what is to be done, so that every retry of one operation,
/// from whichever process, carries the same key and the provider executes it once.
public enum ProviderIdempotencyKey {
    /// The key of one attempt at a charge. A new attempt number exists only after a definitive decline.
    public static func charge(_ id: ChargeID, attempt: Int) -> String {
        "\(id):charge:\(attempt)"
    }

    /// The key of a refund. The refund id stands for the attempt: another try at a failed refund is another refund.
    public static func refund(_ id: ChargeID, _ refund: RefundID) -> String {
        "\(id):refund:\(refund)"
    }
}
