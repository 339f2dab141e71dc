/// Why a charge or a refund failed for good.
public struct ChargeFailure: Sendable, Hashable, Codable {
    /// Stable machine-readable reason: a provider's error code (`card_declined`) or one of ours (`fraud_risk`). An open
    /// set: that a reason is ours is not told by its text but by `Charge.refusalWithoutProvider`.
    public let reason: String
    /// The issuer's finer reason where the provider passes it on (`insufficient_funds`). An open set.
    public let declineCode: String?
    /// One sentence for people.
    public let message: String

    /// The risk engine's rules refused the charge; no provider was asked.
    static let fraudRisk = ChargeFailure(
        reason: "fraud_risk", message: "The charge was refused by risk rules; the payment provider was not asked.")

    /// The risk engine could not be asked, and the configured policy refuses charges meanwhile (`fail_closed`, R7.4).
    static let riskUnavailable = ChargeFailure(
        reason: "risk_unavailable",
        message: "The charge was refused because its risk could not be assessed; the payment provider was not asked.")

    /// Memberwise; each part is described on its property.
    public init(reason: String, declineCode: String? = nil, message: String) {
        self.reason = reason
        self.declineCode = declineCode
        self.message = message
    }

    init(_ decline: GatewayDecline) {
        self.init(reason: decline.reason, declineCode: decline.declineCode, message: decline.message)
    }

    private enum CodingKeys: String, CodingKey {
        case reason
        case declineCode = "decline_code"
        case message
    }
}
