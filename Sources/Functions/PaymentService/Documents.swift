import Domain
import FoundationEssentials
import FunctionsShared

extension ChargeView {
    /// The charge as the API writes it.
    ///
    /// - Parameter includingHistory: with refunds and timeline, as `GET` shows them.
    func document(includingHistory: Bool) -> JSON {
        var members: [String: JSON] = [
            "id": .string(id.rawValue), "object": "charge", "status": .string(status.rawValue),
            "amount": .integer(amount.amountMinor), "currency": .string(amount.currency.code),
            "captured_amount": .integer(capturedMinor), "refunded_amount": .integer(refundedMinor),
            "payment_method": .string(paymentMethod), "capture_mode": .string(captureMode.rawValue),
            "description": .optional(description), "metadata": .object(metadata.mapValues(JSON.string)),
            "failure": failure?.document ?? .null, "created_at": .string(RFC3339.format(createdAt)),
        ]
        if includingHistory {
            members["refunds"] = .array(refunds.map(\.document))
            members["timeline"] = .array(timeline.map(\.document))
        }
        return .object(members)
    }
}

extension ChargeView.Failure {
    fileprivate var document: JSON {
        ["reason": .string(reason), "decline_code": .optional(declineCode), "message": .string(message)]
    }
}

extension ChargeView.TimelineEntry {
    fileprivate var document: JSON {
        [
            "version": .integer(Int64(version)), "type": .string(type),
            "occurred_at": .string(RFC3339.format(occurredAt)),
        ]
    }
}

extension RefundView {
    /// The refund as the API writes it.
    var document: JSON {
        [
            "id": .string(id.rawValue), "object": "refund", "charge_id": .string(chargeID.rawValue),
            "status": .string(status.rawValue), "amount": .integer(amount.amountMinor),
            "currency": .string(amount.currency.code), "reason": .optional(reason),
            "created_at": .string(RFC3339.format(createdAt)),
        ]
    }
}
