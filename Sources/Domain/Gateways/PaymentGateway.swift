/// The port to a payment service provider. What is behind it speaks the provider's language; nothing of that language
/// comes through.
///
/// Both mutating calls are idempotent by `idempotencyKey`: calling again with the same request is how an unknown
/// outcome is resolved.
public protocol PaymentGateway: Sendable {
    /// The provider this gateway speaks to.
    var provider: Provider { get }

    /// Creates and confirms a charge.
    ///
    /// - Throws: `GatewayNotAttempted` only when the provider has certainly done nothing.
    func charge(_ request: GatewayChargeRequest) async throws(GatewayNotAttempted) -> GatewayOutcome

    /// Refunds a captured charge, fully or in part.
    ///
    /// - Throws: `GatewayNotAttempted` only when the provider has certainly done nothing.
    func refund(_ request: GatewayRefundRequest) async throws(GatewayNotAttempted) -> GatewayOutcome

    /// Asks for the present state of a charge by the provider's own reference.
    ///
    /// - Throws: `GatewayNotAttempted` when the provider could not be asked.
    func retrieveCharge(reference: String) async throws(GatewayNotAttempted) -> GatewayOutcome
}

/// The provider certainly did nothing: the request never reached it, or it said that it refused to look at it. The same
/// request with the same key may be sent again later.
public struct GatewayNotAttempted: Error, Sendable, Equatable {
    /// What stood in the way, for the log.
    public let reason: String
    /// How long the provider asked us to wait, in milliseconds, if it did.
    public let retryAfterMilliseconds: Int?

    /// Memberwise; each part is described on its property.
    public init(reason: String, retryAfterMilliseconds: Int? = nil) {
        self.reason = reason
        self.retryAfterMilliseconds = retryAfterMilliseconds
    }
}

/// A charge as it is put to a provider.
public struct GatewayChargeRequest: Sendable, Equatable {
    /// Our id of the charge.
    public let chargeID: ChargeID
    /// The merchant the charge belongs to.
    public let merchantID: MerchantID
    /// How much.
    public let amount: Money
    /// The provider's token for the payment method; never card data.
    public let paymentMethod: String
    /// When the money is taken.
    public let captureMode: CaptureMode
    /// See `ProviderIdempotencyKey`.
    public let idempotencyKey: String
    /// Shown to the customer by some providers.
    public let description: String?
    /// Where the customer comes back to after an action at the provider.
    public let returnURL: String?

    /// Memberwise; each part is described on its property.
    public init(
        chargeID: ChargeID,
        merchantID: MerchantID,
        amount: Money,
        paymentMethod: String,
        captureMode: CaptureMode,
        idempotencyKey: String,
        description: String? = nil,
        returnURL: String? = nil
    ) {
        self.chargeID = chargeID
        self.merchantID = merchantID
        self.amount = amount
        self.paymentMethod = paymentMethod
        self.captureMode = captureMode
        self.idempotencyKey = idempotencyKey
        self.description = description
        self.returnURL = returnURL
    }
}

/// A refund as it is put to a provider.
public struct GatewayRefundRequest: Sendable, Equatable {
    /// Our id of the charge.
    public let chargeID: ChargeID
    /// Our id of the refund.
    public let refundID: RefundID
    /// The merchant the charge belongs to.
    public let merchantID: MerchantID
    /// The provider's reference of the charge to refund.
    public let providerReference: String
    /// How much.
    public let amount: Money
    /// See `ProviderIdempotencyKey`.
    public let idempotencyKey: String
    /// The merchant's reason, free text or one of the provider's words.
    public let reason: String?

    /// Memberwise; each part is described on its property.
    public init(
        chargeID: ChargeID,
        refundID: RefundID,
        merchantID: MerchantID,
        providerReference: String,
        amount: Money,
        idempotencyKey: String,
        reason: String? = nil
    ) {
        self.chargeID = chargeID
        self.refundID = refundID
        self.merchantID = merchantID
        self.providerReference = providerReference
        self.amount = amount
        self.idempotencyKey = idempotencyKey
        self.reason = reason
    }
}
