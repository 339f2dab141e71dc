import Foundation

/// The itemised settlement report of one UTC day, in Stripe's report columns.
enum StripeSettlement {
    /// A difference planted into the file: the gross amount of one charge is another than the one charged.
    struct Alteration: Sendable, Equatable {
        /// The merchant's charge id, the Stripe charge or the payment intent.
        let charge: String
        /// The gross amount the file shall state, in minor units.
        let grossMinor: Int64
    }

    /// The columns, in order.
    static let columns = [
        "balance_transaction_id", "created", "available_on", "currency", "gross", "fee", "net", "reporting_category",
        "source_id", "payment_intent_id", "charge_id", "automatic_payout_id", "description",
        "payment_metadata[charge_id]", "refund_metadata[refund_id]",
    ]

    /// The name of the file that covers a day.
    static func fileName(day: String) -> String {
        "stripe_\(day).csv"
    }

    /// The movements of a day, oldest first.
    static func transactions(in account: StripeAccount, day: String) -> [StripeBalanceTransaction] {
        account.balanceTransactions.all.filter { UTCTime.day($0.created) == day }
    }

    /// The file of a day.
    static func file(_ transactions: [StripeBalanceTransaction], alteration: Alteration? = nil) -> Data {
        let rows = transactions.map { row($0, alteration) }
        let lines = ([columns] + rows).map { $0.map(quoted).joined(separator: ",") }
        return Data((lines.joined(separator: "\n") + "\n").utf8)
    }

    /// Whether an alteration is about a movement; only the charge itself is altered, not its refunds.
    static func concerns(_ alteration: Alteration, _ transaction: StripeBalanceTransaction) -> Bool {
        let names = [
            transaction.charge, transaction.paymentIntent,
            transaction.paymentMetadata[StripeAccount.chargeReferenceKey],
        ]
        return transaction.category == .charge && names.contains(alteration.charge)
    }

    private static func row(_ transaction: StripeBalanceTransaction, _ alteration: Alteration?) -> [String] {
        var gross = transaction.amount
        if let alteration, concerns(alteration, transaction) { gross = alteration.grossMinor }
        let currency = transaction.currency
        return [
            transaction.id, UTCTime.timestamp(transaction.created), UTCTime.timestamp(transaction.availableOn),
            currency.code, currency.majorUnits(gross), currency.majorUnits(transaction.fee),
            // The fee stays as it was, so that the planted difference is one difference and the row still adds up.
            currency.majorUnits(gross - transaction.fee), transaction.category.rawValue, transaction.source,
            transaction.paymentIntent, transaction.charge, "", transaction.description ?? "",
            transaction.paymentMetadata["charge_id"] ?? "", transaction.refundMetadata["refund_id"] ?? "",
        ]
    }

    /// RFC 4180: a field with a comma, a quote or a line break is quoted, its quotes doubled.
    private static func quoted(_ field: String) -> String {
        guard field.utf8.contains(where: { [0x22, 0x2C, 0x0A, 0x0D].contains($0) }) else { return field }
        return "\"" + field.replacing("\"", with: "\"\"") + "\""
    }
}
