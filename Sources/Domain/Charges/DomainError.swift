/// Why a command was refused or a stream could not be read. Nothing was decided, nothing happened.
public enum DomainError: Error, Sendable, Equatable {
    case chargeNotFound
    case refundNotFound(RefundID)
    /// The charge's state does not allow the command.
    case illegalTransition(from: ChargeStatus, command: String)
    /// The outcome belongs to another attempt than the present one.
    case attemptMismatch(current: Int, reported: Int)
    case refundExceedsRemaining(requested: Money, remaining: Money)
    /// Only a charge whose money was taken can be refunded.
    case refundNotAllowed(status: ChargeStatus)
    /// The provider and our records contradict each other; no more money moves before people have looked.
    case chargeQuarantined
    /// The refund id is already used for another amount.
    case refundConflict(RefundID)
    case currencyMismatch(expected: Currency, received: Currency)
    case amountNotPositive(Money)
    /// The events of a stream do not fit together. Nothing may be decided on such a stream.
    case corruptStream(detail: String)

    /// Stable machine-readable code, as it stands in API errors and logs.
    public var code: String {
        switch self {
        case .chargeNotFound: "charge_not_found"
        case .refundNotFound: "refund_not_found"
        case .illegalTransition: "illegal_transition"
        case .attemptMismatch: "attempt_mismatch"
        case .refundExceedsRemaining: "refund_exceeds_remaining"
        case .refundNotAllowed: "refund_not_allowed"
        case .chargeQuarantined: "charge_quarantined"
        case .refundConflict: "refund_conflict"
        case .currencyMismatch: "currency_mismatch"
        case .amountNotPositive: "amount_not_positive"
        case .corruptStream: "corrupt_stream"
        }
    }

    /// One sentence for people.
    public var message: String {
        switch self {
        case .chargeNotFound:
            "No such charge."
        case .refundNotFound(let id):
            "The charge has no refund \(id)."
        case .illegalTransition(let status, let command):
            "A charge that is \(status.rawValue) does not allow \(command)."
        case .attemptMismatch(let current, let reported):
            "The outcome belongs to attempt \(reported); the charge is on attempt \(current)."
        case .refundExceedsRemaining(let requested, let remaining):
            "The refund of \(requested) exceeds what can still be refunded: \(remaining)."
        case .refundNotAllowed(let status):
            "A charge that is \(status.rawValue) cannot be refunded; it has to be SUCCEEDED."
        case .chargeQuarantined:
            "The charge cannot be refunded now: the provider contradicts our records, and people have to look at it first."
        case .refundConflict(let id):
            "The refund \(id) already exists with another amount."
        case .currencyMismatch(let expected, let received):
            "The charge is in \(expected), not in \(received)."
        case .amountNotPositive(let amount):
            "The amount has to be more than zero; it is \(amount)."
        case .corruptStream(let detail):
            "The charge's event stream is corrupt: \(detail)."
        }
    }
}

extension DomainError: CustomStringConvertible {
    /// Code and sentence, for logs.
    public var description: String { "\(code): \(message)" }
}
