import LocalEmulator
import PostgresClient

/// Reads LedgerDB as an accountant would: straight from its views.
struct LedgerBooks {
    private let connection: PostgresConnection

    init(_ parameters: PostgresParameters) throws {
        connection = try PostgresConnection(parameters: parameters)
    }

    /// How many transactions are booked.
    func transactionCount() throws -> Int64 {
        try connection.query("SELECT count(*) AS count FROM transactions").first?.integer("count") ?? 0
    }

    /// Every account's sums and each currency's total.
    func trialBalance() throws -> [TrialBalanceRow] {
        let rows = try connection.query(
            """
            SELECT account, currency, debit_minor::bigint, credit_minor::bigint, balance_minor::bigint
            FROM trial_balance ORDER BY currency, account NULLS LAST
            """)
        return try rows.rows.map { row in
            TrialBalanceRow(
                account: try row.optionalText("account"), currency: try row.text("currency"),
                debitMinor: try row.integer("debit_minor"), creditMinor: try row.integer("credit_minor"),
                balanceMinor: try row.integer("balance_minor"))
        }
    }
}
