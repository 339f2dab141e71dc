/// Everything that can have happened to a charge and its refunds. Facts: past tense, never changed, never removed.
public enum ChargeEvent: Sendable, Equatable {
    case chargeInitiated(ChargeInitiated)
    case riskAssessed(RiskAssessment)
    case chargeProcessingStarted(ChargeProcessingStarted)
    case chargePending(ChargePending)
    case chargeRequiresAction(ChargeRequiresAction)
    case chargeAuthorized(ChargeAuthorized)
    case chargeSucceeded(ChargeSucceeded)
    case chargeFailed(ChargeFailed)
    case chargeCanceled(ChargeCanceled)
    case chargeOutcomeUnknown(ChargeOutcomeUnknown)
    case chargeQuarantined(ChargeQuarantined)
    case refundInitiated(RefundInitiated)
    case refundPending(RefundPending)
    case refundSucceeded(RefundSucceeded)
    case refundFailed(RefundFailed)
    case refundOutcomeUnknown(RefundOutcomeUnknown)
    /// An event of a type this build does not know. It is carried with its bytes, changes no state and is never dropped.
    case unrecognized(UnrecognizedEvent)

    /// The type as it stands in the envelope (`ChargeInitiated`).
    public var typeName: String {
        switch self {
        case .unrecognized(let event): event.type
        case .chargeInitiated: ChargeEventType.chargeInitiated.rawValue
        case .riskAssessed: ChargeEventType.riskAssessed.rawValue
        case .chargeProcessingStarted: ChargeEventType.chargeProcessingStarted.rawValue
        case .chargePending: ChargeEventType.chargePending.rawValue
        case .chargeRequiresAction: ChargeEventType.chargeRequiresAction.rawValue
        case .chargeAuthorized: ChargeEventType.chargeAuthorized.rawValue
        case .chargeSucceeded: ChargeEventType.chargeSucceeded.rawValue
        case .chargeFailed: ChargeEventType.chargeFailed.rawValue
        case .chargeCanceled: ChargeEventType.chargeCanceled.rawValue
        case .chargeOutcomeUnknown: ChargeEventType.chargeOutcomeUnknown.rawValue
        case .chargeQuarantined: ChargeEventType.chargeQuarantined.rawValue
        case .refundInitiated: ChargeEventType.refundInitiated.rawValue
        case .refundPending: ChargeEventType.refundPending.rawValue
        case .refundSucceeded: ChargeEventType.refundSucceeded.rawValue
        case .refundFailed: ChargeEventType.refundFailed.rawValue
        case .refundOutcomeUnknown: ChargeEventType.refundOutcomeUnknown.rawValue
        }
    }
}

/// The names of the known event types on the wire. A name is never reused for another meaning.
enum ChargeEventType: String, CaseIterable {
    case chargeInitiated = "ChargeInitiated"
    case riskAssessed = "RiskAssessed"
    case chargeProcessingStarted = "ChargeProcessingStarted"
    case chargePending = "ChargePending"
    case chargeRequiresAction = "ChargeRequiresAction"
    case chargeAuthorized = "ChargeAuthorized"
    case chargeSucceeded = "ChargeSucceeded"
    case chargeFailed = "ChargeFailed"
    case chargeCanceled = "ChargeCanceled"
    case chargeOutcomeUnknown = "ChargeOutcomeUnknown"
    case chargeQuarantined = "ChargeQuarantined"
    case refundInitiated = "RefundInitiated"
    case refundPending = "RefundPending"
    case refundSucceeded = "RefundSucceeded"
    case refundFailed = "RefundFailed"
    case refundOutcomeUnknown = "RefundOutcomeUnknown"
}
