/// One line of a transaction.
public struct LedgerEntry: Sendable, Hashable {
    /// What is debited or credited.
    public let account: LedgerAccount
    /// Minor units of `currency`: debits positive, credits negative.
    public let amountMinor: Int64
    /// The currency of the amount.
    public let currency: Currency

    /// Memberwise; each part is described on its property.
    public init(account: LedgerAccount, amountMinor: Int64, currency: Currency) {
        self.account = account
        self.amountMinor = amountMinor
        self.currency = currency
    }
}
