import Domain
import Synchronization

/// A PSP that says what it is told to, one answer per request.
final class ScriptedGateway: PaymentGateway {
    let provider = Provider.stripe

    private let outcomes: Mutex<[GatewayOutcome]>

    init(_ outcomes: [GatewayOutcome]) { self.outcomes = Mutex(outcomes) }

    /// The answers nobody has asked for yet.
    var remainingCount: Int { outcomes.withLock { $0.count } }

    func charge(_ request: GatewayChargeRequest) async throws(GatewayNotAttempted) -> GatewayOutcome { try next() }

    func refund(_ request: GatewayRefundRequest) async throws(GatewayNotAttempted) -> GatewayOutcome { try next() }

    func retrieveCharge(reference: String) async throws(GatewayNotAttempted) -> GatewayOutcome { try next() }

    private func next() throws(GatewayNotAttempted) -> GatewayOutcome {
        let outcome = outcomes.withLock { $0.isEmpty ? nil : $0.removeFirst() }
        guard let outcome else { throw GatewayNotAttempted(reason: "the script is over") }
        return outcome
    }
}
