/// Why a charge or a refund failed for good.
public struct ChargeFailure: Sendable, Hashable, Codable {
    /// Stable machine-readable reason: a provider's error code (`card_declined`) or one of ours (`fraud_risk`).
    public let reason: String
    /// The issuer's finer reason where the provider passes it on (`insufficient_funds`). An open set.
    public let declineCode: String?
    /// One sentence for people.
    public let message: String

    /// The reason of a charge that the risk engine refused; no provider was asked.
    public static let fraudRiskReason = "fraud_risk"

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
