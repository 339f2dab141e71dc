import Domain
import Foundation

/// Values the tests agree on: a charge of 100.00 EUR known to the provider as `pi_1`.
enum Sample {
    static func money(_ amountMinor: Int64, _ code: String = "EUR") throws -> Money {
        Money(amountMinor: amountMinor, currency: try Currency(code))
    }

    static let approved = RiskAssessment(decision: .approve, score: 0, reasons: [], engine: .evaluated)
    static let refundID = RefundID(rawValue: "re_1")
    static let reference = "pi_1"
    static let refundReference = "re_stripe_1"

    static func initiate(
        amountMinor: Int64 = 10_000,
        captureMode: CaptureMode = .automatic,
        risk: RiskAssessment = approved
    ) throws -> ChargeCommand {
        .initiate(
            InitiateCharge(
                amount: try money(amountMinor), paymentMethod: "pm_card_visa", captureMode: captureMode,
                description: "Order 7", metadata: ["order": "7"], customerEmail: "ada@example.com", risk: risk))
    }

    static func captured(_ amountMinor: Int64 = 10_000, reference: String = reference) throws -> GatewayOutcome {
        .succeeded(GatewayEvidence(reference: reference, amount: try money(amountMinor), isCaptured: true))
    }

    static func held() throws -> GatewayOutcome {
        .succeeded(GatewayEvidence(reference: reference, amount: try money(10_000), isCaptured: false))
    }

    static let requiresAction = GatewayOutcome.requiresAction(
        reference: reference, redirectURL: "https://psp.example/3ds")
    static let pending = GatewayOutcome.pending(reference: reference)
    static let declined = GatewayOutcome.declined(
        GatewayDecline(
            reason: "card_declined", declineCode: "insufficient_funds", message: "Insufficient funds.",
            reference: reference))
    static let requestRefused = GatewayOutcome.declined(
        GatewayDecline(
            reason: "invalid_request", declineCode: "resource_missing", message: "No such payment method.",
            reach: .request))
    static let canceled = GatewayOutcome.declined(
        GatewayDecline(reason: "canceled", message: "Canceled.", reference: reference, reach: .cancellation))
    static let unknown = GatewayOutcome.unknown(detail: "timed out after 30000 ms")

    static func charge(
        _ outcome: GatewayOutcome, attempt: Int = 1, by evidence: EvidenceSource = .response
    ) -> ChargeCommand {
        .recordChargeOutcome(outcome, attempt: attempt, evidence: evidence)
    }

    static func refund(
        _ outcome: GatewayOutcome, _ id: RefundID = refundID, by evidence: EvidenceSource = .response
    ) -> ChargeCommand {
        .recordRefundOutcome(id, outcome, evidence: evidence)
    }

    static func initiateRefund(_ amountMinor: Int64?, _ id: RefundID = refundID) throws -> ChargeCommand {
        .initiateRefund(
            InitiateRefund(refundID: id, amount: try amountMinor.map { try money($0) }, reason: "requested"))
    }

    /// A stream whose charge is in the given status.
    static func stream(_ status: ChargeStatus) throws -> Stream {
        var stream = Stream()
        try stream.run(initiate(captureMode: status == .authorized ? .manual : .automatic))
        guard status != .created else { return stream }
        try stream.run(.startProcessing(.stripe))
        switch status {
        case .created, .processing: break
        case .requiresAction: try stream.run(charge(requiresAction))
        case .authorized: try stream.run(charge(held()))
        case .succeeded: try stream.run(charge(captured()))
        case .failed: try stream.run(charge(declined))
        case .canceled: try stream.append([.chargeCanceled(ChargeCanceled(attempt: 1))])
        case .unknown: try stream.run(charge(unknown))
        }
        return stream
    }
}
