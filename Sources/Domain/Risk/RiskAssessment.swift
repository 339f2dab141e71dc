/// What the risk engine says about a charge before any provider is asked.
public struct RiskAssessment: Sendable, Hashable, Codable {
    /// What to do with the charge.
    public enum Decision: String, Hashable, Codable, Sendable, CaseIterable {
        case approve
        /// Let it through and have people look at it.
        case review
        case decline
    }

    /// Whether rules were evaluated or a policy stood in for them.
    public enum Engine: String, Hashable, Codable, Sendable, CaseIterable {
        case evaluated
        case unavailable
    }

    /// The highest score there is.
    public static let maximumScore = 100

    /// What to do with the charge.
    public let decision: Decision
    /// 0 (harmless) to 100.
    public let score: Int
    /// The ids of the rules that matched, sorted; or why no rule was evaluated.
    public let reasons: [String]
    /// Whether rules were evaluated.
    public let engine: Engine

    /// Memberwise; each part is described on its property.
    public init(decision: Decision, score: Int, reasons: [String], engine: Engine) {
        self.decision = decision
        self.score = min(max(score, 0), Self.maximumScore)
        self.reasons = reasons
        self.engine = engine
    }

    /// The assessment that stands in for the engine's when it cannot be asked.
    public static func unavailable(policy: RiskUnavailablePolicy) -> RiskAssessment {
        let decision: Decision =
            switch policy {
            case .failOpen: .approve
            case .failClosed: .decline
            }
        return RiskAssessment(
            decision: decision, score: 0, reasons: ["risk_engine_unavailable"], engine: .unavailable)
    }
}
