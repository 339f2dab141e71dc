extension ChargeRules {
    /// The charge after all events of its stream; nil when there are none.
    ///
    /// - Throws: `DomainError.corruptStream` when the events are not one gapless stream from version 1 on, or do not
    ///   follow from each other.
    public static func fold(_ envelopes: some Sequence<EventEnvelope>) throws(DomainError) -> Charge? {
        var state: Charge?
        for envelope in envelopes {
            state = try apply(state, envelope)
        }
        return state
    }

    /// The charge after one more event of its stream. An unrecognised event only moves the version.
    ///
    /// The invariants of a charge are checked after every event, always: a state that breaks one is never returned.
    ///
    /// - Throws: `DomainError.corruptStream` when the event is not the next of this stream or cannot follow.
    public static func apply(_ state: Charge?, _ envelope: EventEnvelope) throws(DomainError) -> Charge {
        guard var charge = state else { return try begin(envelope) }
        guard envelope.streamID == charge.id, envelope.merchantID == charge.merchantID else {
            throw .corruptStream(detail: "\(envelope.eventID) belongs to another stream or merchant")
        }
        guard envelope.version == charge.version + 1 else {
            throw .corruptStream(detail: "version \(envelope.version) follows version \(charge.version)")
        }
        charge.version = envelope.version
        try evolve(&charge, envelope)
        if let broken = charge.brokenInvariant {
            throw .corruptStream(detail: "after version \(charge.version), \(broken)")
        }
        return charge
    }

    private static func begin(_ envelope: EventEnvelope) throws(DomainError) -> Charge {
        guard case .chargeInitiated(let initiated) = envelope.event, envelope.version == 1 else {
            throw .corruptStream(detail: "it begins with \(envelope.type) at version \(envelope.version)")
        }
        guard initiated.amount.amountMinor > 0 else {
            throw .corruptStream(detail: "the charge's amount is not positive")
        }
        return Charge(
            id: envelope.streamID,
            merchantID: envelope.merchantID,
            amount: initiated.amount,
            captureMode: initiated.captureMode,
            paymentMethod: initiated.paymentMethod,
            description: initiated.description,
            metadata: initiated.metadata,
            customerEmail: initiated.customerEmail,
            initiatedAt: envelope.occurredAt,
            version: envelope.version,
            status: .created,
            attempt: 0,
            authorizedMinor: 0,
            capturedMinor: 0,
            refundedMinor: 0,
            refundReservedMinor: 0,
            refunds: [],
            quarantines: []
        )
    }

    private static func evolve(_ charge: inout Charge, _ envelope: EventEnvelope) throws(DomainError) {
        switch envelope.event {
        case .chargeInitiated:
            throw .corruptStream(detail: "the charge is initiated twice")
        case .riskAssessed(let assessment):
            charge.risk = assessment
        case .chargeProcessingStarted(let started):
            try start(&charge, started)
        case .chargePending(let pending):
            try move(&charge, .confirmPending, attempt: pending.attempt)
            charge.providerReference = pending.providerReference
        case .chargeRequiresAction(let action):
            try move(&charge, .requireAction, attempt: action.attempt)
            charge.providerReference = action.providerReference
        case .chargeAuthorized(let authorized):
            try authorize(&charge, authorized)
        case .chargeSucceeded(let succeeded):
            try succeed(&charge, succeeded)
        case .chargeFailed(let failed):
            try move(&charge, .fail, attempt: failed.attempt)
            charge.failure = failed.failure
            charge.providerReference = failed.providerReference ?? charge.providerReference
        case .chargeCanceled(let canceled):
            try move(&charge, .cancel, attempt: canceled.attempt)
        case .chargeOutcomeUnknown(let unknown):
            try move(&charge, .loseOutcome, attempt: unknown.attempt)
        case .chargeQuarantined(let contradiction):
            charge.quarantines.append(contradiction)
        case .refundInitiated(let initiated):
            try reserveRefund(&charge, initiated, at: envelope.occurredAt)
        case .refundPending(let pending):
            try confirmRefundPending(&charge, pending)
        case .refundSucceeded(let succeeded):
            try succeedRefund(&charge, succeeded)
        case .refundFailed(let failed):
            try failRefund(&charge, failed)
        case .refundOutcomeUnknown(let unknown):
            try moveRefund(&charge, unknown.refundID, .loseOutcome)
        case .unrecognized:
            break
        }
    }

    private static func move(
        _ charge: inout Charge,
        _ transition: ChargeTransition,
        attempt: Int
    ) throws(DomainError) {
        guard attempt == charge.attempt else {
            throw .corruptStream(detail: "an event of attempt \(attempt) comes during attempt \(charge.attempt)")
        }
        guard let next = charge.status.next(after: transition) else {
            throw .corruptStream(detail: "\(transition.rawValue) cannot follow on \(charge.status.rawValue)")
        }
        charge.status = next
    }

    private static func start(_ charge: inout Charge, _ started: ChargeProcessingStarted) throws(DomainError) {
        guard started.attempt == charge.attempt + 1 else {
            throw .corruptStream(detail: "attempt \(started.attempt) starts after attempt \(charge.attempt)")
        }
        try move(&charge, .start, attempt: charge.attempt)
        charge.attempt = started.attempt
        charge.provider = started.provider
    }

    private static func authorize(_ charge: inout Charge, _ authorized: ChargeAuthorized) throws(DomainError) {
        try move(&charge, .authorize, attempt: authorized.attempt)
        try require(authorized.authorized, in: charge)
        charge.providerReference = authorized.providerReference
        charge.authorizedMinor = authorized.authorized.amountMinor
    }

    private static func succeed(_ charge: inout Charge, _ succeeded: ChargeSucceeded) throws(DomainError) {
        try move(&charge, .succeed, attempt: succeeded.attempt)
        try require(succeeded.captured, in: charge)
        charge.providerReference = succeeded.providerReference
        charge.capturedMinor = succeeded.captured.amountMinor
        charge.authorizedMinor = max(charge.authorizedMinor, charge.capturedMinor)
    }

    /// One charge, one currency, and no event moves nothing or less.
    static func require(_ amount: Money, in charge: Charge) throws(DomainError) {
        guard amount.currency == charge.currency, amount.amountMinor > 0 else {
            throw .corruptStream(detail: "\(amount) does not belong to a charge in \(charge.currency)")
        }
    }
}
