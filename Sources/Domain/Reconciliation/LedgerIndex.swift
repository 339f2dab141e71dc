/// Finds ledger items by our ids and by the provider's references, and remembers which of them are settled.
struct LedgerIndex {
    /// What a row or an item is known by. Charges and refunds are apart: a refund's row names its charge too.
    private enum Key: Hashable {
        case charge(ChargeID)
        case refund(RefundID)
        /// References in lower case: their letter case differs between reports and the API (`Re_1234` is seen in
        /// real files).
        case chargeReference(String)
        case refundReference(String)
    }

    let items: [LedgerSettlementItem]
    private var positions: [Key: Int] = [:]
    private var duplicates: Set<Int> = []
    private var settled: Set<Int> = []

    init(_ items: [LedgerSettlementItem]) {
        self.items = items
        for (position, item) in items.enumerated() {
            let (ownKey, referenceKey) = Self.keys(of: item)
            guard positions[ownKey] == nil else {
                duplicates.insert(position)
                continue
            }
            positions[ownKey] = position
            if let referenceKey { positions[referenceKey] = position }
        }
    }

    /// The item a row is about; nil when there is none.
    func position(of row: SettlementRow) -> Int? {
        Self.keys(of: row).lazy.compactMap { positions[$0] }.first
    }

    /// False when the item was settled before.
    mutating func markSettled(_ position: Int) -> Bool { settled.insert(position).inserted }
    func isSettled(_ position: Int) -> Bool { settled.contains(position) }

    /// Whether an earlier item stands for the same charge or refund.
    func isDuplicate(_ position: Int) -> Bool { duplicates.contains(position) }

    private static func keys(of item: LedgerSettlementItem) -> (own: Key, reference: Key?) {
        let reference = item.providerReference?.lowercased()
        return switch item.subject {
        case .charge: (.charge(item.chargeID), reference.map(Key.chargeReference))
        case .refund(let refundID): (.refund(refundID), reference.map(Key.refundReference))
        }
    }

    /// In the order of trust: our own id, then the provider's reference.
    private static func keys(of row: SettlementRow) -> [Key] {
        switch row.category {
        case .charge:
            [row.chargeID.map(Key.charge), (row.paymentIntentID?.lowercased()).map(Key.chargeReference)]
                .compactMap(\.self)
        case .refund:
            [row.refundID.map(Key.refund), (row.sourceID?.lowercased()).map(Key.refundReference)]
                .compactMap(\.self)
        case .other:
            []
        }
    }
}

extension LedgerSettlementItem {
    /// Our own id of the charge or refund.
    var ownID: String {
        switch subject {
        case .charge: chargeID.rawValue
        case .refund(let refundID): refundID.rawValue
        }
    }
}
