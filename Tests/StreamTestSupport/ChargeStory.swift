import Domain
import Foundation
import TestSupport

/// Plausible histories of charges, made by the domain's own rules from a seed.
public struct ChargeStory {
    private var envelopes: [EventEnvelope] = []
    private var charge: Charge?
    private var generator: SeededGenerator
    private let id: ChargeID
    private let merchantID: MerchantID
    private let amount: Money
    private var clock: Date

    /// The events of one charge from its beginning to wherever the seed leads.
    public static func events(seed: UInt64, number: Int) throws -> [EventEnvelope] {
        var story = try ChargeStory(seed: seed, number: number)
        try story.tell()
        return story.envelopes
    }

    /// The events of several charges, stream by stream.
    public static func events(seed: UInt64, charges: Int) throws -> [EventEnvelope] {
        try (0..<charges).flatMap { try events(seed: seed, number: $0) }
    }

    /// A charge that succeeded and was refunded in part: six events, no chance involved.
    public static func refundedCharge(_ name: String, description: String? = nil) throws -> [EventEnvelope] {
        let amount = Money(amountMinor: 1999, currency: try Currency("EUR"))
        var story = ChargeStory(
            id: ChargeID(rawValue: "ch_\(name)"), merchantID: MerchantID(rawValue: "mer_\(name)"), amount: amount,
            generator: SeededGenerator(seed: 1))
        try story.act(.initiate(story.request(decision: .approve, description: description)))
        try story.act(.startProcessing(.stripe))
        try story.act(.recordChargeOutcome(story.success(amount), attempt: 1, evidence: .response))
        let refund = RefundID(rawValue: "re_\(name)")
        let part = Money(amountMinor: 500, currency: amount.currency)
        try story.act(.initiateRefund(InitiateRefund(refundID: refund, amount: part, reason: "requested_by_customer")))
        try story.act(
            .recordRefundOutcome(
                refund, .succeeded(GatewayEvidence(reference: "re_psp_\(name)", amount: part)), evidence: .webhook))
        return story.envelopes
    }

    private init(id: ChargeID, merchantID: MerchantID, amount: Money, generator: SeededGenerator) {
        self.id = id
        self.merchantID = merchantID
        self.amount = amount
        self.generator = generator
        clock = Date(timeIntervalSince1970: 1_790_000_000.123)
    }

    private init(seed: UInt64, number: Int) throws {
        var generator = SeededGenerator(seed: seed &* 1_000_003 &+ UInt64(number))
        let codes = ["EUR", "USD", "JPY", "KWD"]
        let currency = try Currency(codes[Int.random(in: 0..<codes.count, using: &generator)])
        self.init(
            id: ChargeID(rawValue: "ch_\(seed)_\(number)"), merchantID: MerchantID(rawValue: "mer_\(number % 3)"),
            amount: Money(amountMinor: Int64.random(in: 2...1_000_000, using: &generator), currency: currency),
            generator: generator)
    }

    private mutating func tell() throws {
        try act(.initiate(request(decision: generator.oneIn(8) ? .decline : .approve, description: "o'rder \"\\ 7")))
        try act(.startProcessing(.stripe))
        for _ in 0..<4 where charge?.status != .succeeded {
            try act(.recordChargeOutcome(randomOutcome(), attempt: 1, evidence: .webhook))
        }
        for number in 0..<Int.random(in: 0...3, using: &generator) { try tellRefund(number) }
    }

    private mutating func tellRefund(_ number: Int) throws {
        guard let charge, charge.status == .succeeded, charge.refundable.amountMinor > 0 else { return }
        let part = Money(
            amountMinor: Int64.random(in: 1...charge.refundable.amountMinor, using: &generator),
            currency: charge.currency)
        let refund = RefundID(rawValue: "re_\(id.rawValue.dropFirst(3))_\(number)")
        try act(.initiateRefund(InitiateRefund(refundID: refund, amount: part, reason: nil)))
        for _ in 0..<Int.random(in: 0...2, using: &generator) {
            let outcome: GatewayOutcome =
                switch Int.random(in: 0..<4, using: &generator) {
                case 0: .declined(GatewayDecline(reason: "insufficient_funds", message: "No money."))
                case 1: .unknown(detail: "timed out")
                case 2: .pending(reference: "re_psp_\(refund)")
                default: .succeeded(GatewayEvidence(reference: "re_psp_\(refund)", amount: part))
                }
            try act(.recordRefundOutcome(refund, outcome, evidence: .webhook))
        }
    }

    private mutating func randomOutcome() -> GatewayOutcome {
        switch Int.random(in: 0..<8, using: &generator) {
        case 0: .declined(GatewayDecline(reason: "card_declined", declineCode: "do_not_honor", message: "No."))
        case 1: .unknown(detail: "timed out")
        case 2: .requiresAction(reference: "pi_\(id)", redirectURL: "https://psp.example/3ds")
        case 3: .pending(reference: "pi_\(id)")
        case 4: success(Money(amountMinor: amount.amountMinor - 1, currency: amount.currency))
        default: success(amount)
        }
    }

    private func success(_ amount: Money) -> GatewayOutcome {
        .succeeded(GatewayEvidence(reference: "pi_\(id)", amount: amount))
    }

    private func request(decision: RiskAssessment.Decision, description: String?) -> InitiateCharge {
        InitiateCharge(
            amount: amount, paymentMethod: "pm_card_visa", description: description,
            metadata: ["order": "a \"b\" \\ 東京", "empty": ""], customerEmail: "Buyer@example.com",
            risk: RiskAssessment(decision: decision, score: 12, reasons: ["amount"], engine: .evaluated))
    }

    /// Decides and appends. A command that the rules refuse in this state is a turn the story does not take.
    private mutating func act(_ command: ChargeCommand) throws {
        let events: [ChargeEvent]
        do { events = try ChargeRules.decide(charge, command) } catch { return }
        clock += TimeInterval(Int.random(in: 1...5000, using: &generator)) / 1000
        for event in events {
            let version = envelopes.count + 1
            let envelope = EventEnvelope(
                eventID: EventID(rawValue: "evt_\(id.rawValue.dropFirst(3))_\(version)"), streamID: id,
                version: version, merchantID: merchantID, occurredAt: clock, traceID: "trace_1",
                causationID: "job_1", event: event)
            envelopes.append(envelope)
            charge = try ChargeRules.apply(charge, envelope)
        }
    }
}
