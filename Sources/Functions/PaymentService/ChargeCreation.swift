import Domain
import FoundationEssentials
import FunctionsShared
import Telemetry

/// `POST /v1/charges`: risk check, append, enqueue, answer. The PSP is the worker's.
///
/// Every step can be repeated with the ticket's ids and finds what an earlier run did: the append finds its events, the
/// queue knows the job's id, and a job too many finds nothing to do.
struct ChargeCreation: Sendable {
    private enum IDName {
        static let charge = "charge_id"
        static let job = "job_id"
    }

    /// The ids a charge needs.
    static let idPrefixes = [IDName.charge: ChargeID.prefix, IDName.job: JobID.prefix]

    let ports: PaymentServiceHandler.Ports
    let riskUnavailablePolicy: RiskUnavailablePolicy
    let request: MutationRequest

    /// - Returns: 202 with the charge, or 402 when it was refused before any provider was asked.
    /// - Throws: an error that leaves the request to be resumed.
    func run(_ charge: ChargeRequest, _ ticket: IdempotencyTicket) async throws(APIError) -> StoredResponse {
        let chargeID: ChargeID
        let jobID: JobID
        do {
            chargeID = ChargeID(rawValue: try ticket.id(IDName.charge))
            jobID = JobID(rawValue: try ticket.id(IDName.job))
        } catch {
            throw failure("idempotency records", error.detail, .internalError())
        }
        let loaded = try await initiated(charge, chargeID, isResumed: ticket.isResumed)
        guard let state = loaded.charge, let view = ChargeView(loaded) else {
            throw failure("a charge has no events after its append", chargeID.rawValue, .internalError())
        }
        if let failure = state.refusalWithoutProvider { return refusal(failure, chargeID) }
        try await enqueue(
            PaymentJob(
                id: jobID, kind: .charge, chargeID: chargeID, merchantID: request.merchantID,
                traceID: request.trace.traceID))
        return StoredResponse(status: 202, body: view.document(includingHistory: false).serialized())
    }

    /// The charge with its first events, appended by this run or by an earlier one.
    private func initiated(
        _ charge: ChargeRequest, _ chargeID: ChargeID, isResumed: Bool
    ) async throws(APIError) -> LoadedCharge {
        // An earlier run may have been judged and appended already; its assessment stands.
        if isResumed, let earlier = try await load(chargeID) { return earlier }
        let risk = await assess(charge, chargeID)
        let command = ChargeCommand.initiate(
            InitiateCharge(
                amount: charge.amount, paymentMethod: charge.paymentMethod, captureMode: charge.captureMode,
                description: charge.description, metadata: charge.metadata, customerEmail: charge.customerEmail,
                risk: risk))
        do {
            return try await ports.events.execute(on: chargeID, origin: request.origin) {
                loaded throws(DomainError) in try ChargeRules.decide(loaded.charge, command)
            }.loaded
        } catch {
            throw failure("the charge was not appended", "\(error)", .unavailable())
        }
    }

    private func load(_ chargeID: ChargeID) async throws(APIError) -> LoadedCharge? {
        do {
            let loaded = try await ports.events.load(chargeID)
            return loaded.charge == nil ? nil : loaded
        } catch {
            throw failure("the charge cannot be loaded", "\(error)", .unavailable())
        }
    }

    private func assess(_ charge: ChargeRequest, _ chargeID: ChargeID) async -> RiskAssessment {
        let question = RiskRequest(
            chargeID: chargeID, merchantID: request.merchantID, amountMinor: charge.amount.amountMinor,
            currency: charge.amount.currency, paymentMethod: charge.paymentMethod, email: charge.customerEmail,
            ipAddress: charge.customerIPAddress)
        do {
            return try await ports.risk.assess(question)
        } catch {
            request.logger.error(
                "the risk engine gave no assessment",
                ["detail": .string(error.detail), "policy": .string(riskUnavailablePolicy.rawValue)])
            return .unavailable(policy: riskUnavailablePolicy)
        }
    }

    private func enqueue(_ job: PaymentJob) async throws(APIError) {
        do {
            try await ports.jobs.enqueue(job)
        } catch {
            throw failure("the job was not enqueued", error.detail, .unavailable())
        }
    }

    private func refusal(_ failure: ChargeFailure, _ chargeID: ChargeID) -> StoredResponse {
        let error = APIError(
            status: 402, kind: .payment, code: failure.reason, message: failure.message, chargeID: chargeID)
        return StoredResponse(status: error.status, body: error.body(requestID: request.requestID))
    }

    private func failure(_ message: String, _ detail: String, _ error: APIError) -> APIError {
        request.logger.error(message, ["detail": .string(detail)])
        return error
    }
}
