/// An account of the ledger. Its name is what stands in LedgerDB.
public enum LedgerAccount: Sendable, Hashable {
    /// What a provider owes us. A debit balance.
    case providerReceivable(Provider)
    /// What we owe a merchant. A credit balance.
    case merchantPayable(MerchantID)
    /// Refunds that merchants have already given up and customers have not received yet. A credit balance.
    case refundsInFlight

    /// `psp_receivable:stripe`, `merchant_payable:mer_…`, `refunds_in_flight`.
    public var name: String {
        switch self {
        case .providerReceivable(let provider): "psp_receivable:\(provider.rawValue)"
        case .merchantPayable(let merchant): "merchant_payable:\(merchant)"
        case .refundsInFlight: "refunds_in_flight"
        }
    }
}
