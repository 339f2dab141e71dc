import Domain
import Foundation
import Testing

/// A stream that does not hold together is refused, never guessed at and never a crash.
@Suite struct ChargeStreamTests {
    @Test("an empty stream is no charge")
    func empty() throws {
        #expect(try ChargeRules.fold([]) == nil)
    }

    @Test("D-12: a gap, a repetition or another stream's event is refused")
    func order() throws {
        let envelopes = try Sample.stream(.succeeded).envelopes
        let foreign = EventEnvelope(
            eventID: EventID(rawValue: "evt_x"), streamID: ChargeID(rawValue: "ch_2"), version: 3,
            merchantID: Stream.context.merchantID, occurredAt: .distantPast, traceID: "", causationID: "",
            event: envelopes[2].event)
        expectCorrupt([envelopes[0], envelopes[2]])
        expectCorrupt([envelopes[0], envelopes[1], envelopes[1]])
        expectCorrupt(Array(envelopes.dropFirst()))
        expectCorrupt([envelopes[0], envelopes[1], foreign])
    }

    @Test("events that cannot follow from each other are refused")
    func impossibleEvents() throws {
        let euros = try Sample.money(10_000)
        let refund = RefundInitiated(
            refundID: Sample.refundID, amount: euros, provider: .stripe, chargeProviderReference: "pi_1")
        let cases: [(ChargeStatus, ChargeEvent)] = [
            (
                .created,
                .chargeInitiated(ChargeInitiated(amount: euros, captureMode: .automatic, paymentMethod: "pm"))
            ),
            (.failed, succeeded(euros)),
            (.created, succeeded(euros)),
            (.processing, succeeded(euros, attempt: 2)),
            (.processing, succeeded(try Sample.money(10_001))),
            (.processing, succeeded(try Sample.money(.max))),
            (.processing, succeeded(try Sample.money(-1))),
            (.processing, succeeded(try Sample.money(10_000, "USD"))),
            (.unknown, start(attempt: 2)),
            (.created, start(attempt: .min)),
            (.created, .refundInitiated(refund)),
            (
                .succeeded,
                .refundInitiated(
                    RefundInitiated(
                        refundID: Sample.refundID, amount: try Sample.money(.max), provider: .stripe,
                        chargeProviderReference: "pi_1"))
            ),
            (.succeeded, .refundOutcomeUnknown(RefundOutcomeUnknown(refundID: Sample.refundID, detail: ""))),
        ]
        for (status, event) in cases {
            var stream = try Sample.stream(status)
            do {
                try stream.append([event])
                Issue.record("\(event.typeName) was accepted while \(status)")
            } catch DomainError.corruptStream {
                // Refused, as it has to be.
            }
        }
    }

    @Test("an outcome of a refund with another amount than the refund is refused")
    func refundAmount() throws {
        var stream = try Sample.stream(.succeeded)
        try stream.run(Sample.initiateRefund(4000))
        let event = RefundSucceeded(
            refundID: Sample.refundID, provider: .stripe, providerReference: "re_s", amount: try Sample.money(4001),
            evidence: .response)
        #expect(throws: DomainError.self) { try stream.append([.refundSucceeded(event)]) }
    }

    @Test("an event of an unknown type moves the version and nothing else")
    func unrecognized() throws {
        var stream = try Sample.stream(.processing)
        let before = try #require(stream.charge)
        try stream.append([.unrecognized(UnrecognizedEvent(type: "DisputeOpened", originalBytes: Data()))])
        let after = try #require(stream.charge)
        #expect(after.version == before.version + 1)
        #expect(after.status == before.status)
        #expect(try stream.run(Sample.charge(Sample.captured())) == ["ChargeSucceeded"])
    }

    @Test("every error has a stable code and says what to do with it")
    func errors() throws {
        let euros = try Sample.money(10_000)
        let errors: [(DomainError, String)] = [
            (.chargeNotFound, "charge_not_found"),
            (.refundNotFound(Sample.refundID), "refund_not_found"),
            (.illegalTransition(from: .failed, command: "initiate"), "illegal_transition"),
            (.attemptMismatch(current: 1, reported: 2), "attempt_mismatch"),
            (.refundExceedsRemaining(requested: euros, remaining: euros), "refund_exceeds_remaining"),
            (.refundNotAllowed(status: .failed), "refund_not_allowed"),
            (.refundConflict(Sample.refundID), "refund_conflict"),
            (.currencyMismatch(expected: euros.currency, received: euros.currency), "currency_mismatch"),
            (.amountNotPositive(euros), "amount_not_positive"),
            (.corruptStream(detail: "x"), "corrupt_stream"),
        ]
        for (error, code) in errors {
            #expect(error.code == code)
            #expect(error.message.hasSuffix("."))
        }
        #expect(
            DomainError.refundExceedsRemaining(requested: euros, remaining: try Sample.money(250)).message
                == "The refund of 100.00 EUR exceeds what can still be refunded: 2.50 EUR.")
    }

    private func expectCorrupt(_ envelopes: [EventEnvelope]) {
        do {
            _ = try ChargeRules.fold(envelopes)
            Issue.record("accepted versions \(envelopes.map(\.version))")
        } catch {
            #expect(error.code == "corrupt_stream")
        }
    }

    private func succeeded(_ amount: Money, attempt: Int = 1) -> ChargeEvent {
        .chargeSucceeded(
            ChargeSucceeded(
                attempt: attempt, provider: .stripe, providerReference: "pi_1", captured: amount, evidence: .response))
    }

    private func start(attempt: Int) -> ChargeEvent {
        .chargeProcessingStarted(
            ChargeProcessingStarted(attempt: attempt, provider: .stripe, providerIdempotencyKey: "k"))
    }
}
