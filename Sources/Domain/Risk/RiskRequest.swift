/// What the risk engine is told about a charge. Never card data.
public struct RiskRequest: Sendable, Hashable, Codable {
    /// The id the charge will have.
    public let chargeID: ChargeID
    /// The merchant the charge belongs to.
    public let merchantID: MerchantID
    /// In ISO 4217 minor units of `currency`.
    public let amountMinor: Int64
    /// The currency of the amount.
    public let currency: Currency
    /// The provider's token for the payment method.
    public let paymentMethod: String
    /// The customer's address, if known.
    public let email: String?
    /// Where the customer's request came from, if known; compared in its canonical text form.
    public let ipAddress: String?
    /// A keyed fingerprint of the card, the same for every use of one card.
    public let cardFingerprint: String?

    /// Memberwise; each part is described on its property.
    public init(
        chargeID: ChargeID,
        merchantID: MerchantID,
        amountMinor: Int64,
        currency: Currency,
        paymentMethod: String,
        email: String? = nil,
        ipAddress: String? = nil,
        cardFingerprint: String? = nil
    ) {
        self.chargeID = chargeID
        self.merchantID = merchantID
        self.amountMinor = amountMinor
        self.currency = currency
        self.paymentMethod = paymentMethod
        self.email = email
        self.ipAddress = ipAddress
        self.cardFingerprint = cardFingerprint
    }

    private enum CodingKeys: String, CodingKey {
        case chargeID = "charge_id"
        case merchantID = "merchant_id"
        case amountMinor = "amount_minor"
        case currency
        case paymentMethod = "payment_method"
        case email
        case ipAddress = "ip_address"
        case cardFingerprint = "card_fingerprint"
    }
}
