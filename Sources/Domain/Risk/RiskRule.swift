/// One rule of the risk engine.
public struct RiskRule: Sendable, Hashable {
    /// The property of a charge that a blocklist entry looks at.
    public enum Field: String, Hashable, Sendable, CaseIterable {
        case email
        case ipAddress = "ip_address"
        case cardFingerprint = "card_fingerprint"
        case paymentMethod = "payment_method"
    }

    /// When the rule matches.
    public enum Condition: Sendable, Hashable {
        /// The field equals the value, surrounding blanks aside (and letter case, for addresses). An IP address is in
        /// its canonical text form: whoever reads rules and requests brings it there.
        case blocklist(field: Field, value: String)
        /// The amount, in minor units, is above the limit; charges in other currencies are not touched.
        case amountLimit(currency: Currency, limitMinor: Int64)
    }

    /// What a match leads to, from harmless to final.
    public enum Action: String, Hashable, Sendable, CaseIterable {
        case review
        case decline
    }

    /// Stable id; it appears among the reasons of the assessment.
    public let id: String
    /// When the rule matches.
    public let condition: Condition
    /// What a match adds to the score, 0 to 100.
    public let score: Int
    /// What a match leads to.
    public let action: Action

    /// Memberwise; each part is described on its property.
    public init(id: String, condition: Condition, score: Int, action: Action) {
        self.id = id
        self.condition = condition
        self.score = min(max(score, 0), RiskAssessment.maximumScore)
        self.action = action
    }
}
