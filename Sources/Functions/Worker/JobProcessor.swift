import Domain
import FoundationEssentials
import FunctionsShared
import Telemetry

/// Takes one job from the journal's state to the journal's next state, with the PSP in between.
///
/// The order is what makes a crash at any point harmless: that an attempt begins is appended *before* the PSP is
/// asked, and the PSP's idempotency key follows from the charge and the attempt. Whoever comes next, a redelivered job
/// or a webhook, finds the attempt and asks the same question again, to which the PSP gives the same answer.
struct JobProcessor: Sendable {
    /// What is left after the PSP's answer for appending, publishing and reporting it, with one retry.
    static let marginMilliseconds = 2_000

    /// The template's visibility timeout of the job queue. A request that is younger has had no second delivery; one
    /// that is older may have been asked before, also when a redrive from the dead-letter queue has set the receive
    /// count back to 1.
    static let firstDeliverySeconds: Double = 300

    let events: EventStore
    let gateways: GatewayDirectory
    let clock: any WallClock
    /// The most one PSP request takes.
    let gatewayTimeoutMilliseconds: Int
    /// How long a PSP certainly remembers an idempotency key.
    let replayWindowSeconds: Double

    /// Returns when there is nothing more to do for the job.
    ///
    /// - Parameter isRepetition: whether the job was delivered before, so that the PSP may have been asked before.
    /// - Throws: when the job has to come again.
    func process(
        _ job: PaymentJob, isRepetition: Bool, remainingMilliseconds: @escaping @Sendable () -> Int, logger: Logger
    ) async throws(JobFailure) {
        let invocation = Invocation(
            isRepetition: isRepetition, remainingMilliseconds: remainingMilliseconds, logger: logger)
        try requireTimeToAsk(invocation)
        switch job.kind {
        case .charge: try await charge(job, invocation)
        case .refund: try await refund(job, invocation)
        }
    }

    /// What a job has from the invocation it came with.
    private struct Invocation: Sendable {
        let isRepetition: Bool
        let remainingMilliseconds: @Sendable () -> Int
        let logger: Logger
    }

    /// Begun with too little time, the request would be cut off by Lambda and its outcome be unknown for nothing.
    private func requireTimeToAsk(_ invocation: Invocation) throws(JobFailure) {
        let needed = gatewayTimeoutMilliseconds + Self.marginMilliseconds
        let remaining = invocation.remainingMilliseconds()
        guard remaining >= needed else {
            throw .tooLittleTime(remainingMilliseconds: remaining, neededMilliseconds: needed)
        }
    }

    // MARK: - Charges

    private func charge(_ job: PaymentJob, _ invocation: Invocation) async throws(JobFailure) {
        let begun = try await execute(job) { charge throws(DomainError) in
            try ChargeRules.decide(charge, .startProcessing(gateways.provider(for: charge)))
        }
        guard let charge = begun.charge, let request = charge.gatewayRequest() else {
            return nothingToDo(begun, invocation.logger)
        }
        let gateway = try gateway(for: charge)
        let outcome: GatewayOutcome
        let evidence: EvidenceSource
        if isReplayable(since: startOfAttempt(begun)) {
            outcome = try await ask(invocation, since: startOfAttempt(begun)) { () throws(GatewayNotAttempted) in
                try await gateway.charge(request)
            }
            evidence = .response
        } else if let reference = charge.providerReference {
            outcome = try await ask(invocation, since: startOfAttempt(begun)) { () throws(GatewayNotAttempted) in
                try await gateway.retrieveCharge(reference: reference)
            }
            evidence = .query
        } else {
            throw .replayWindowClosed
        }
        let attempt = charge.attempt
        let after = try await execute(job) { charge throws(DomainError) in
            try ChargeRules.decide(
                charge, .recordChargeOutcome(outcome, attempt: attempt, evidence: evidence))
        }
        try settle(outcome, isOpen: after.charge?.gatewayRequest() != nil, after, invocation.logger)
    }

    // MARK: - Refunds

    private func refund(_ job: PaymentJob, _ invocation: Invocation) async throws(JobFailure) {
        guard let refundID = job.refundID else { throw .notAJob("it has no refund_id") }
        let loaded = try await execute(job) { _ in [] }
        guard let charge = loaded.charge, charge.refund(refundID) != nil else { throw .unknownRefund(refundID) }
        guard let request = charge.gatewayRequest(for: refundID) else { return nothingToDo(loaded, invocation.logger) }
        guard isReplayable(since: startOfRefund(refundID, loaded)) else { throw .replayWindowClosed }
        let gateway = try gateway(for: charge)
        let start = startOfRefund(refundID, loaded)
        let outcome = try await ask(invocation, since: start) { () throws(GatewayNotAttempted) in
            try await gateway.refund(request)
        }
        let after = try await execute(job) { charge throws(DomainError) in
            try ChargeRules.decide(charge, .recordRefundOutcome(refundID, outcome, evidence: .response))
        }
        try settle(outcome, isOpen: after.charge?.gatewayRequest(for: refundID) != nil, after, invocation.logger)
    }

    // MARK: - Steps

    /// Decides on the job's charge, which must exist and belong to the job's merchant.
    private func execute(
        _ job: PaymentJob, decide: @Sendable (Charge) throws(DomainError) -> [ChargeEvent]
    ) async throws(JobFailure) -> LoadedCharge {
        let origin = EventOrigin(
            merchantID: job.merchantID, traceID: job.traceID, causationID: job.id.rawValue)
        do {
            return try await events.execute(on: job.chargeID, origin: origin) { loaded throws(DomainError) in
                guard let charge = loaded.charge, charge.merchantID == job.merchantID else { throw .chargeNotFound }
                return try decide(charge)
            }.loaded
        } catch {
            throw Self.failure(error, job)
        }
    }

    private func gateway(for charge: Charge) throws(JobFailure) -> any PaymentGateway {
        let provider = gateways.provider(for: charge)
        guard let gateway = gateways.gateway(to: provider) else { throw .noGateway(provider) }
        return gateway
    }

    /// The time is looked at again right before: loading and appending may have taken much of it.
    private func ask(
        _ invocation: Invocation, since start: Date?, _ request: () async throws(GatewayNotAttempted) -> GatewayOutcome
    ) async throws(JobFailure) -> GatewayOutcome {
        try requireTimeToAsk(invocation)
        do {
            let outcome = try await request()
            let isOld = start.map { clock.now().timeIntervalSince($0) >= Self.firstDeliverySeconds } ?? false
            return invocation.isRepetition || isOld ? Self.outcomeOfRepetition(outcome) : outcome
        } catch {
            throw .notAttempted(reason: error.reason, retryAfterMilliseconds: error.retryAfterMilliseconds)
        }
    }

    /// A process may have been killed after it asked and before anybody knew: a later request that is turned away says
    /// nothing about the first one.
    private static func outcomeOfRepetition(_ outcome: GatewayOutcome) -> GatewayOutcome {
        guard case .declined(let decline) = outcome, decline.reach == .request else { return outcome }
        return .unknown(
            detail: "a repetition was turned away (\(decline.reason)); an earlier request may have been executed")
    }

    /// An outcome that leaves the question open sends the job back to the queue, unless somebody else established it
    /// meanwhile.
    private func settle(
        _ outcome: GatewayOutcome, isOpen: Bool, _ loaded: LoadedCharge, _ logger: Logger
    ) throws(JobFailure) {
        switch outcome {
        case .unknown(let detail) where isOpen:
            throw .outcomeUnknown(detail: detail)
        case .declined(let decline) where isOpen:
            throw .outcomeUnknown(
                detail: "the provider turned a repetition away (\(decline.reason)); the first request is still open")
        case .succeeded, .requiresAction, .pending, .declined, .unknown:
            break
        }
        let charge = loaded.charge
        if charge?.quarantined == true {
            logger.error("the charge is quarantined: provider and journal contradict each other")
        }
        logger.info("job done", ["status": .string(charge?.status.rawValue ?? "")])
    }

    /// The job is stale: a repetition, or overtaken by a webhook (D-19).
    private func nothingToDo(_ loaded: LoadedCharge, _ logger: Logger) {
        logger.info("nothing to do for the job", ["status": .string(loaded.charge?.status.rawValue ?? "")])
    }

    private static func failure(_ error: CommandError, _ job: PaymentJob) -> JobFailure {
        switch error {
        case .refused(.chargeNotFound): .unknownCharge(job.chargeID)
        case .refused(let error): .refused(error)
        case .store(let error): .store(error)
        }
    }

    // MARK: - The age of a key

    private func isReplayable(since start: Date?) -> Bool {
        guard let start else { return true }
        return clock.now().timeIntervalSince(start) < replayWindowSeconds
    }

    private func startOfAttempt(_ loaded: LoadedCharge) -> Date? {
        loaded.envelopes.last { if case .chargeProcessingStarted = $0.event { true } else { false } }?.occurredAt
    }

    /// The first request of a refund cannot be older than the refund.
    private func startOfRefund(_ id: RefundID, _ loaded: LoadedCharge) -> Date? {
        loaded.envelopes.first {
            if case .refundInitiated(let refund) = $0.event { refund.refundID == id } else { false }
        }?.occurredAt
    }
}
