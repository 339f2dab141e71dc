import Domain
import FunctionsShared
import LambdaCodable
import LambdaEvents
import LambdaRuntime
import Telemetry

extension RiskRequest: LambdaDecodable {}
extension RiskAssessment: LambdaEncodable {}

extension RiskRequest {
    /// The request with its address in the one form in which the rules hold theirs; what is no address stays, and matches
    /// none of them.
    func withCanonicalAddress() -> RiskRequest {
        RiskRequest(
            chargeID: chargeID, merchantID: merchantID, amountMinor: amountMinor, currency: currency,
            paymentMethod: paymentMethod, email: email,
            ipAddress: ipAddress.map { IPAddress($0)?.text ?? $0 }, cardFingerprint: cardFingerprint)
    }
}

/// Judges a charge by the rules in force. Invoked directly and waited for by the payment service.
struct RiskEngineHandler: LambdaHandler {
    private let rules: RuleCache

    init(rules: RuleCache) {
        self.rules = rules
    }

    /// - Throws: when there are no rules to judge by. The caller's configured policy then decides; an assessment made
    ///   without rules would look like an approval.
    func handle(_ event: RiskRequest, context: LambdaContext) async throws -> RiskAssessment {
        let rules: [RiskRule]
        do { rules = try await self.rules.rules() } catch { throw RulesUnavailable(detail: error.detail) }
        let assessment = RiskRules.evaluate(event.withCanonicalAddress(), rules: rules)
        context.logger.info(
            "charge assessed",
            [
                "charge_id": .string(event.chargeID.rawValue), "decision": .string(assessment.decision.rawValue),
                "score": .integer(assessment.score), "reasons": .string(assessment.reasons.joined(separator: ",")),
            ])
        return assessment
    }
}

/// The engine cannot judge because it has no rules.
struct RulesUnavailable: LambdaReportableError {
    let detail: String

    var errorType: String { "Function.RulesUnavailable" }
    var errorMessage: String { "the risk rules cannot be read: \(detail)" }
}
