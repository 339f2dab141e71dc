/// What a payment processor keeps of a charge.
enum StripeFee {
    /// The variable part in thousandths of the amount: 1.5 %.
    static let permille: Int64 = 15
    /// The fixed part, in the smallest unit of the charge's currency.
    static let fixedMinor: Int64 = 25

    /// The fee of a captured charge; half a minor unit rounds up. A refund gives nothing of it back.
    static func minor(ofCharge amountMinor: Int64, in currency: StripeCurrency) -> Int64 {
        let fee = (amountMinor * permille + 500) / 1000 + fixedMinor
        // Nobody can be charged a fraction of a currency that has none: ISK and UGX round up to the whole unit.
        let unit = currency.hasFractions ? 1 : currency.granularity
        return (fee + unit - 1) / unit * unit
    }
}

/// A movement of the account's balance: what a settlement file lists.
struct StripeBalanceTransaction: StripeObject {
    /// What moved the balance.
    enum Category: String, Sendable {
        case charge
        case refund
    }

    let id: String
    let created: Int64
    /// Positive for a charge, negative for a refund.
    let amount: Int64
    let fee: Int64
    let currency: StripeCurrency
    let category: Category
    /// The charge or refund.
    let source: String
    let charge: String
    let paymentIntent: String
    let description: String?
    let paymentMetadata: [String: String]
    let refundMetadata: [String: String]

    /// Money becomes available at midnight UTC two days after it moved, Stripe's usual schedule for cards.
    static let availabilityDelayDays: Int64 = 2

    /// What reaches the balance.
    var net: Int64 { amount - fee }

    /// Seconds since 1970, a midnight UTC.
    var availableOn: Int64 {
        (created / UTCTime.secondsPerDay + Self.availabilityDelayDays) * UTCTime.secondsPerDay
    }

    var rendered: JSONValue {
        let feeDetails: [JSONValue] =
            fee == 0
            ? []
            : [
                [
                    "amount": .integer(fee), "currency": .string(currency.code), "type": "stripe_fee",
                    "description": "Stripe processing fees", "application": .null,
                ]
            ]
        return [
            "id": .string(id), "object": "balance_transaction", "created": .integer(created),
            "available_on": .integer(availableOn), "amount": .integer(amount), "fee": .integer(fee),
            "net": .integer(net), "fee_details": .array(feeDetails), "currency": .string(currency.code),
            "description": .optional(description), "exchange_rate": .null, "source": .string(source),
            "reporting_category": .string(category.rawValue), "status": "pending", "balance_type": "payments",
            "type": .string(category == .charge ? "charge" : "refund"),
        ]
    }
}
