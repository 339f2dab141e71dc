import Domain
import FoundationEssentials
import FunctionsShared
import Telemetry

/// Records what a verified notification says about a charge or a refund.
struct WebhookRecording: Sendable {
    /// How long a notification may be early. Our events are in the journal before the PSP is asked, so seconds would do;
    /// the rest is for an outage of ours. What is older names a charge of another environment that shares the PSP's
    /// account, or one that a restored journal has lost: repeating it for days would only count against the endpoint,
    /// which the PSP disables when too many deliveries fail.
    static let maximumEarlinessSeconds: Double = 60 * 60

    let events: EventStore
    let clock: any WallClock
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
            let result = try await events.execute(
                onExisting: id, traceID: trace.traceID, causationID: notification.eventID, decide: decide)
            report(result, id)
            return result.appended.isEmpty ? .known : .recorded
        } catch .refused(.chargeNotFound) where isTooOldToBeEarly(notification) {
            logger.error(
                "a webhook names a charge that does not exist; it is not asked for again",
                ["charge_id": .string(id.rawValue)])
            return .unknownCharge
        } catch {
            throw refusal(error, id)
        }
    }

    private func isTooOldToBeEarly(_ notification: ProviderNotification) -> Bool {
        guard let createdAt = notification.createdAt else { return false }
        return clock.now().timeIntervalSince(createdAt) > Self.maximumEarlinessSeconds
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
