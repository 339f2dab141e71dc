import Domain
import FunctionsShared
import Synchronization

/// A PSP that keeps its promise about idempotency keys: a key seen again gets the first answer, and nothing happens.
///
/// What it does is told by the payment method: see `Behaviour`. Everything it ever charged or refunded is counted, so
/// that a test can say "exactly once".
public final class FakeProvider: Sendable {
    /// What happens to a request that the PSP has not seen before.
    public enum Behaviour: Sendable {
        case succeed
        case decline(String)
        case requireAction
        case pend
        /// The PSP does it, and so many answers to it are lost.
        case commitThenLoseAnswers(Int)
        /// So many requests never reach the PSP.
        case notAttempted(Int)
        /// The PSP moves another amount than it was asked for.
        case wrongAmount(Int64)
    }

    fileprivate struct State {
        var outcomes: [String: GatewayOutcome] = [:]
        var chargeCount: [ChargeID: Int] = [:]
        var refundCount: [RefundID: Int] = [:]
        var keys: [String] = []
        var lostAnswers: [String: Int] = [:]
        var behaviours: [String: Behaviour] = [:]
        var callDepth = 0
        var maximumCallDepth = 0
        var callOrder: [ChargeID] = []
    }

    private let state = Mutex(State())

    public init() {}

    /// What the PSP does for a payment method or, for refunds, a reason.
    public func when(_ trigger: String, _ behaviour: Behaviour) {
        state.withLock { $0.behaviours[trigger] = behaviour }
    }

    /// How often money was taken for a charge.
    public func chargeCount(_ id: ChargeID) -> Int { state.withLock { $0.chargeCount[id, default: 0] } }

    /// How often money was taken at all.
    public var totalChargeCount: Int { state.withLock { $0.chargeCount.values.reduce(0, +) } }

    /// How often money was given back for a refund.
    public func refundCount(_ id: RefundID) -> Int { state.withLock { $0.refundCount[id, default: 0] } }

    /// The idempotency keys of all requests that reached the PSP, in order.
    public var keys: [String] { state.withLock { $0.keys } }

    /// The charges the PSP was asked about, in order.
    public var callOrder: [ChargeID] { state.withLock { $0.callOrder } }

    /// How many requests were at the PSP at the same time, at most.
    public var maximumConcurrency: Int { state.withLock { $0.maximumCallDepth } }

    /// The outcome the PSP holds for a key: what its webhook would say.
    public func outcome(forKey key: String) -> GatewayOutcome? { state.withLock { $0.outcomes[key] } }

    /// A gateway for one process.
    public func gateway(fate: ProcessFate = ProcessFate()) -> any PaymentGateway {
        Gateway(provider: .stripe, psp: self, fate: fate)
    }

    private struct Gateway: PaymentGateway {
        let provider: Provider
        let psp: FakeProvider
        let fate: ProcessFate

        func charge(_ request: GatewayChargeRequest) async throws(GatewayNotAttempted) -> GatewayOutcome {
            try await call("psp.charge", request.chargeID) { psp.charge(request) }
        }

        func refund(_ request: GatewayRefundRequest) async throws(GatewayNotAttempted) -> GatewayOutcome {
            try await call("psp.refund", request.chargeID) { psp.refund(request) }
        }

        func retrieveCharge(reference: String) async throws(GatewayNotAttempted) -> GatewayOutcome {
            do {
                return try fate.step("psp.retrieve") { psp.retrieve(reference) }
            } catch {
                throw GatewayNotAttempted(reason: "\(error)")
            }
        }

        /// Yields inside the call, so that calls of different groups can overlap where the worker allows it.
        private func call(
            _ step: String, _ id: ChargeID, _ effect: () -> GatewayOutcome?
        ) async throws(GatewayNotAttempted) -> GatewayOutcome {
            psp.enter(id)
            defer { psp.leave() }
            for _ in 0..<20 { await Task.yield() }
            let outcome: GatewayOutcome?
            do { outcome = try fate.step(step, effect) } catch { throw GatewayNotAttempted(reason: "\(error)") }
            guard let outcome else { throw GatewayNotAttempted(reason: "connection refused") }
            return outcome
        }
    }

    private func enter(_ id: ChargeID) {
        state.withLock {
            $0.callDepth += 1
            $0.maximumCallDepth = max($0.maximumCallDepth, $0.callDepth)
            $0.callOrder.append(id)
        }
    }

    private func leave() { state.withLock { $0.callDepth -= 1 } }

    private func charge(_ request: GatewayChargeRequest) -> GatewayOutcome? {
        state.withLock { state in
            let reference = "pi_" + request.idempotencyKey
            return state.answer(request.idempotencyKey, trigger: request.paymentMethod, amount: request.amount) {
                state, amount in
                state.chargeCount[request.chargeID, default: 0] += 1
                return GatewayEvidence(
                    reference: reference, amount: amount, isCaptured: request.captureMode == .automatic)
            }
        }
    }

    private func refund(_ request: GatewayRefundRequest) -> GatewayOutcome? {
        state.withLock { state in
            let reference = "re_" + request.idempotencyKey
            return state.answer(request.idempotencyKey, trigger: request.reason ?? "", amount: request.amount) {
                state, amount in
                state.refundCount[request.refundID, default: 0] += 1
                return GatewayEvidence(reference: reference, amount: amount)
            }
        }
    }

    private func retrieve(_ reference: String) -> GatewayOutcome {
        state.withLock { state in
            state.outcomes.values.first { $0.reference == reference } ?? .unknown(detail: "no such object")
        }
    }
}

extension FakeProvider.State {
    /// The answer to a request; `nil` when it does not reach the PSP.
    fileprivate mutating func answer(
        _ key: String, trigger: String, amount: Money, move: (inout Self, Money) -> GatewayEvidence
    ) -> GatewayOutcome? {
        let behaviour = behaviours[trigger] ?? .succeed
        if case .notAttempted(let times) = behaviour, times > 0 {
            behaviours[trigger] = .notAttempted(times - 1)
            return nil
        }
        keys.append(key)
        if outcomes[key] == nil {
            outcomes[key] = firstOutcome(behaviour, key: key, amount: amount, move: move)
        }
        if case .commitThenLoseAnswers(let times) = behaviour, lostAnswers[key, default: 0] < times {
            lostAnswers[key, default: 0] += 1
            return .unknown(detail: "no answer in time")
        }
        return outcomes[key]
    }

    private mutating func firstOutcome(
        _ behaviour: FakeProvider.Behaviour, key: String, amount: Money, move: (inout Self, Money) -> GatewayEvidence
    ) -> GatewayOutcome {
        switch behaviour {
        case .succeed, .commitThenLoseAnswers, .notAttempted:
            return .succeeded(move(&self, amount))
        case .wrongAmount(let amountMinor):
            return .succeeded(move(&self, Money(amountMinor: amountMinor, currency: amount.currency)))
        case .decline(let code):
            return .declined(
                GatewayDecline(reason: "card_declined", declineCode: code, message: "Declined.", reference: "pi_" + key)
            )
        case .requireAction:
            return .requiresAction(reference: "pi_" + key, redirectURL: "https://psp.example/3ds")
        case .pend:
            return .pending(reference: "pi_" + key)
        }
    }
}
