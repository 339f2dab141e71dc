/// Where a settlement row or a ledger item ends up. Each is in exactly one class.
public enum ReconciliationClass: String, Sendable, Hashable, CaseIterable {
    /// Both sides agree.
    case matched = "MATCHED"
    case amountMismatch = "AMOUNT_MISMATCH"
    case currencyMismatch = "CURRENCY_MISMATCH"
    /// The provider lists one movement, or one charge or refund of ours, more than once.
    case duplicateAtProvider = "DUPLICATE_AT_PSP"
    /// Our ledger holds one charge or refund more than once.
    case duplicateInLedger = "DUPLICATE_IN_LEDGER"
    /// In our ledger, not in the file, and the provider has had its time.
    case missingAtProvider = "MISSING_AT_PSP"
    /// In the file, not in our ledger.
    case missingInLedger = "MISSING_IN_LEDGER"
    /// In our ledger, not in the file, but so young that the next file may hold it.
    case timing = "TIMING"
    /// A category that reconciliation has no rule for. Reported, never dropped.
    case unknownType = "UNKNOWN_TYPE"

    /// Whether people have to look at it.
    public var isDiscrepancy: Bool {
        switch self {
        case .matched, .timing:
            false
        case .amountMismatch, .currencyMismatch, .duplicateAtProvider, .duplicateInLedger, .missingAtProvider,
            .missingInLedger, .unknownType:
            true
        }
    }
}
