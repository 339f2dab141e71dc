import Domain
import FoundationEssentials
import PostgresClient

/// Reads the books.
public struct LedgerReadStore: Sendable {
    /// One line of the trial balance, in minor units.
    public struct BalanceLine: Sendable, Hashable {
        /// The account's name; `nil` for the currency's total over all accounts.
        public let account: String?
        /// The currency's ISO 4217 code.
        public let currency: String
        /// The sum of all debits, not negative.
        public let debitMinor: Int64
        /// The sum of all credits, not negative.
        public let creditMinor: Int64
        /// Debits less credits.
        public let balanceMinor: Int64
    }

    /// Every account, and a total per currency, which is zero when the books are in order.
    public struct TrialBalance: Sendable, Hashable {
        /// Per account and currency, sorted by both.
        public let accounts: [BalanceLine]
        /// Per currency, sorted.
        public let totals: [BalanceLine]

        /// Whether debits equal credits in every currency.
        public var isBalanced: Bool { totals.allSatisfy { $0.balanceMinor == 0 } }
    }

    private let connection: PostgresConnection

    /// A store on a connection to LedgerDB; the role `ledger_reader` is enough.
    public init(connection: PostgresConnection) {
        self.connection = connection
    }

    /// The balances of all accounts as they stand.
    ///
    /// - Throws: `PostgresError.unexpectedResult` when a sum does not fit 64 bits, among the database's own errors.
    public func trialBalance() throws(PostgresError) -> TrialBalance {
        let rows = try connection.query(
            """
            SELECT account, currency, debit_minor, credit_minor, balance_minor
            FROM trial_balance ORDER BY currency COLLATE "C", account COLLATE "C"
            """)
        var lines: [BalanceLine] = []
        for row in rows.rows {
            lines.append(
                BalanceLine(
                    account: try row.optionalText("account"), currency: try row.text("currency"),
                    debitMinor: try row.integer("debit_minor"), creditMinor: try row.integer("credit_minor"),
                    balanceMinor: try row.integer("balance_minor")))
        }
        return TrialBalance(accounts: lines.filter { $0.account != nil }, totals: lines.filter { $0.account == nil })
    }

    /// What a provider has to account for: charges and refunds that occurred in a span of time and that no settlement
    /// file of another day has accounted for yet, oldest first.
    ///
    /// - Parameters:
    ///   - span: from its lower bound up to, not including, its upper bound.
    ///   - day: the settlement file's day, `YYYY-MM-DD`. What an earlier run settled by the same file counts as open,
    ///     so that a second run finds what the first one found.
    public func openSettlementItems(
        provider: Provider, occurredIn span: Range<Date>, notSettledBefore day: String
    ) async throws(PostgresError) -> [LedgerSettlementItem] {
        let rows = try await connection.renewingParameters { () throws(PostgresError) in
            try connection.query(
                """
                SELECT t.event_id, t.stream_id, t.refund_id, t.provider_reference, t.occurred_at,
                    e.amount_minor, e.currency
                FROM transactions AS t
                JOIN entries AS e ON e.event_id = t.event_id AND e.account = $5
                WHERE t.provider = $1 AND t.kind IN ('charge', 'refund')
                    AND t.occurred_at >= $2::timestamptz AND t.occurred_at < $3::timestamptz
                    AND NOT EXISTS (
                        SELECT 1 FROM settled_items AS s
                        WHERE s.event_id = t.event_id AND s.settlement_date <> $4::date)
                ORDER BY t.occurred_at, t.event_id COLLATE "C"
                """,
                [
                    .text(provider.rawValue), .timestamp(span.lowerBound), .timestamp(span.upperBound), .text(day),
                    .text(LedgerAccount.providerReceivable(provider).name),
                ])
        }
        var items: [LedgerSettlementItem] = []
        for row in rows.rows { items.append(try LedgerSettlementItem(row)) }
        return items
    }
}

extension LedgerSettlementItem {
    fileprivate init(_ row: PostgresRow) throws(PostgresError) {
        let refundID = try row.optionalText("refund_id").map(RefundID.init(rawValue:))
        self.init(
            eventID: EventID(rawValue: try row.text("event_id")), subject: refundID.map(Subject.refund) ?? .charge,
            chargeID: ChargeID(rawValue: try row.text("stream_id")),
            providerReference: try row.optionalText("provider_reference"), amount: try row.money(),
            occurredAt: try row.timestamp("occurred_at"))
    }
}
