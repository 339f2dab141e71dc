import Domain
import FunctionsShared
import Telemetry

/// Records what a verified notification says about a charge or a refund.
struct WebhookRecording: Sendable {
    let events: EventStore
    let trace: TracingContext
    let logger: Logger

    /// - Throws: 409 when the charge or refund is not there yet, or not that far: the PSP delivers again. 503 when the
    ///   journal does not answer.
    func record(_ notification: ProviderNotification) async throws(APIError) -> WebhookHandler.Effect {
        switch notification.subject {
        case .ignored(let reason):
            logger.info("webhook ignored", ["reason": .string(reason)])
            return .ignored
        case .charge(let id, let outcome):
            return try await execute(on: id, notification) { charge throws(DomainError) in
                try ChargeRules.decide(
                    charge, .recordChargeOutcome(outcome, attempt: charge.attempt, evidence: .webhook))
            }
        case .refund(let id, let refundID, let outcome):
            return try await execute(on: id, notification) { charge throws(DomainError) in
                try ChargeRules.decide(charge, .recordRefundOutcome(refundID, outcome, evidence: .webhook))
            }
        }
    }

    private func execute(
        on id: ChargeID, _ notification: ProviderNotification,
        decide: @Sendable (Charge) throws(DomainError) -> [ChargeEvent]
    ) async throws(APIError) -> WebhookHandler.Effect {
        do throws(CommandError) {
            // A notification does not say whose charge it is about; the charge does.
            guard let merchantID = try await merchant(of: id) else { throw CommandError.refused(.chargeNotFound) }
            let origin = EventOrigin(
                merchantID: merchantID, traceID: trace.traceID, causationID: notification.eventID)
            let result = try await events.execute(on: id, origin: origin) { loaded throws(DomainError) in
                guard let charge = loaded.charge else { throw .chargeNotFound }
                return try decide(charge)
            }
            report(result, id)
            return result.appended.isEmpty ? .known : .recorded
        } catch {
            throw refusal(error, id)
        }
    }

    private func merchant(of id: ChargeID) async throws(CommandError) -> MerchantID? {
        do { return try await events.load(id).charge?.merchantID } catch { throw .store(error) }
    }

    private func report(_ result: CommandResult, _ id: ChargeID) {
        let types = result.appended.map(\.type).joined(separator: ",")
        logger.info("webhook recorded", ["charge_id": .string(id.rawValue), "events": .string(types)])
        for envelope in result.appended {
            guard case .chargeQuarantined(let contradiction) = envelope.event else { continue }
            logger.error(
                "the charge is quarantined: provider and journal contradict each other",
                ["charge_id": .string(id.rawValue), "reason": .string(contradiction.reason.rawValue)])
        }
    }

    private func refusal(_ error: CommandError, _ id: ChargeID) -> APIError {
        logger.warning(
            "webhook not recorded", ["charge_id": .string(id.rawValue), "detail": .string("\(error)")])
        switch error {
        case .refused(.chargeNotFound), .refused(.refundNotFound), .refused(.illegalTransition),
            .refused(.attemptMismatch):
            // Early rather than wrong: our own event may not be written yet (D-03). The PSP repeats for days.
            return APIError(
                status: 409, kind: .invalidRequest, code: "not_ready",
                message: "The charge is not known in this state yet. Deliver the event again later.", chargeID: id)
        case .refused, .store(.corrupt):
            return .internalError()
        case .store:
            return .unavailable()
        }
    }
}
