import Domain
import FoundationEssentials
import FunctionsShared
import Telemetry

/// `POST /v1/refunds`: reserve the amount in the charge, enqueue, answer.
///
/// Two refunds that together exceed the captured amount cannot both pass: each is decided on a version of the charge,
/// and only one of them can append the next (D-10).
struct RefundCreation: Sendable {
    private enum IDName {
        static let refund = "refund_id"
        static let job = "job_id"
    }

    /// The ids a refund needs.
    static let idPrefixes = [IDName.refund: RefundID.prefix, IDName.job: JobID.prefix]

    let ports: PaymentServiceHandler.Ports
    let request: MutationRequest

    /// - Returns: 202 with the refund, or the refusal that will be repeated for this key.
    /// - Throws: an error that leaves the request to be resumed.
    func run(_ refund: RefundRequest, _ ticket: IdempotencyTicket) async throws(APIError) -> StoredResponse {
        let refundID: RefundID
        let jobID: JobID
        do {
            refundID = RefundID(rawValue: try ticket.id(IDName.refund))
            jobID = JobID(rawValue: try ticket.id(IDName.job))
            try await ports.refundDirectory.record(refundID, of: refund.chargeID, merchantID: request.merchantID)
        } catch {
            throw failure("the refund was not prepared", error.detail)
        }
        let view: RefundView
        switch try await initiated(refund, refundID) {
        case .accepted(let accepted): view = accepted
        case .refused(let error):
            return StoredResponse(status: error.status, body: error.body(requestID: request.requestID))
        }
        do {
            try await ports.jobs.enqueue(
                PaymentJob(
                    id: jobID, kind: .refund, chargeID: refund.chargeID, refundID: refundID,
                    merchantID: request.merchantID, traceID: request.trace.traceID))
        } catch {
            throw failure("the job was not enqueued", error.detail)
        }
        return StoredResponse(status: 202, body: view.document.serialized())
    }

    private enum Decision {
        case accepted(RefundView)
        case refused(APIError)
    }

    private func initiated(_ refund: RefundRequest, _ refundID: RefundID) async throws(APIError) -> Decision {
        let merchantID = request.merchantID
        do throws(CommandError) {
            let result = try await ports.events.execute(on: refund.chargeID, origin: request.origin) {
                loaded throws(DomainError) in
                // Another merchant's charge does not exist for this one.
                guard let charge = loaded.charge, charge.merchantID == merchantID else { throw .chargeNotFound }
                let amount = refund.amountMinor.map { Money(amountMinor: $0, currency: charge.currency) }
                let command = InitiateRefund(refundID: refundID, amount: amount, reason: refund.reason)
                return try ChargeRules.decide(charge, .initiateRefund(command))
            }
            guard let charge = result.loaded.charge, let accepted = charge.refund(refundID) else {
                throw .refused(.refundNotFound(refundID))
            }
            return .accepted(RefundView(accepted, of: charge))
        } catch {
            guard case .refused(let reason) = error, let refusal = Self.refusal(reason, refund.chargeID) else {
                throw failure("the refund was not appended", "\(error)")
            }
            return .refused(refusal)
        }
    }

    /// A refusal by the domain in the API's words; `nil` for what is no refusal but a fault of ours, whose answer must
    /// not be kept. An exhaustive switch: a new refusal needs a decision here.
    private static func refusal(_ error: DomainError, _ chargeID: ChargeID) -> APIError? {
        switch error {
        case .chargeNotFound:
            APIError(
                status: 404, kind: .invalidRequest, code: error.code, message: error.message, parameter: "charge_id")
        case .refundExceedsRemaining, .currencyMismatch, .amountNotPositive:
            APIError(
                status: 422, kind: .invalidRequest, code: error.code, message: error.message, parameter: "amount",
                chargeID: chargeID)
        case .refundNotAllowed, .chargeQuarantined, .illegalTransition:
            APIError(
                status: 422, kind: .invalidRequest, code: error.code, message: error.message,
                parameter: "charge_id", chargeID: chargeID)
        case .refundNotFound, .refundConflict, .attemptMismatch, .corruptStream:
            nil
        }
    }

    private func failure(_ message: String, _ detail: String) -> APIError {
        request.logger.error(message, ["detail": .string(detail)])
        return .unavailable()
    }
}
