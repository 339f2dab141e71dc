/// A provider's word about a charge or a refund, compared with what was asked for.
struct OutcomeFinding {
    let outcome: GatewayOutcome
    let attempt: Int
    /// The refund it is about; nil when it is about the charge.
    let refundID: RefundID?
    let evidence: EvidenceSource

    /// The contradiction between this word and what is known, nil when there is none.
    ///
    /// - Parameters:
    ///   - expected: the amount that was asked for.
    ///   - reference: the provider's name of the object, as far as it is known already.
    func contradiction(expected: Money, reference: String?) -> ChargeQuarantined? {
        if case .succeeded(let proof) = outcome, proof.amount != expected {
            let reason: QuarantineReason =
                proof.amount.currency == expected.currency ? .amountMismatch : .currencyMismatch
            return quarantined(reason, detail: "asked for \(expected), the provider reports \(summary)")
        }
        if let known = reference, let reported = outcome.reference, reported != known {
            return quarantined(.conflictingReference, detail: "known as \(known), the provider reports \(summary)")
        }
        return nil
    }

    func quarantined(_ reason: QuarantineReason, detail: String) -> ChargeQuarantined {
        ChargeQuarantined(
            reason: reason,
            detail: detail,
            attempt: attempt,
            refundID: refundID,
            providerReference: outcome.reference,
            reported: reportedMoney,
            evidence: evidence
        )
    }

    private var reportedMoney: Money? {
        guard case .succeeded(let proof) = outcome else { return nil }
        return proof.amount
    }

    /// The word itself, for people.
    var summary: String {
        let object = outcome.reference.map { " for \($0)" } ?? ""
        return switch outcome {
        case .succeeded(let proof): "\(proof.amount) \(proof.isCaptured ? "taken" : "held")\(object)"
        case .requiresAction: "that the customer has to act\(object)"
        case .pending: "that the outcome is pending\(object)"
        case .declined(let decline): "a refusal (\(decline.reason))\(object)"
        case .unknown(let detail): "no outcome (\(detail))"
        }
    }
}
