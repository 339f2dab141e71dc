/// Evaluates rules against a charge.
public enum RiskRules {
    /// The assessment of a charge: the most severe action of all matching rules decides, the score is their sum (at
    /// most 100), the reasons are their ids. Independent of the order of the rules.
    public static func evaluate(_ request: RiskRequest, rules: [RiskRule]) -> RiskAssessment {
        let matches = rules.filter { isMatch(request, $0.condition) }
        let decision: RiskAssessment.Decision =
            if matches.contains(where: { $0.action == .decline }) {
                .decline
            } else if matches.contains(where: { $0.action == .review }) {
                .review
            } else {
                .approve
            }
        // Each score is at most 100, so the sum stays far from overflow for any table that fits in memory.
        let score = matches.reduce(0) { $0 + $1.score }
        return RiskAssessment(
            decision: decision, score: score, reasons: matches.map(\.id).sorted(), engine: .evaluated)
    }

    private static func isMatch(_ request: RiskRequest, _ condition: RiskRule.Condition) -> Bool {
        switch condition {
        case .blocklist(let field, let blocked):
            guard let value = value(of: field, in: request) else { return false }
            return normalized(value, field) == normalized(blocked, field)
        case .amountLimit(let currency, let limitMinor):
            return request.currency == currency && request.amountMinor > limitMinor
        }
    }

    private static func value(of field: RiskRule.Field, in request: RiskRequest) -> String? {
        switch field {
        case .email: request.email
        case .ipAddress: request.ipAddress
        case .cardFingerprint: request.cardFingerprint
        case .paymentMethod: request.paymentMethod
        }
    }

    /// Addresses are compared without regard to letter case; tokens and fingerprints are case-sensitive.
    private static func normalized(_ text: String, _ field: RiskRule.Field) -> String {
        let withoutLeadingBlanks = text.drop(while: \.isWhitespace)
        let trimmed = String(withoutLeadingBlanks.reversed().drop(while: \.isWhitespace).reversed())
        return switch field {
        case .email, .ipAddress: trimmed.lowercased()
        case .cardFingerprint, .paymentMethod: trimmed
        }
    }
}
