import Domain
import FoundationEssentials
import FunctionsShared
import FunctionsTestSupport
import LambdaCodable
import LambdaEvents
import Testing

@testable import PaymentService

/// Everything around the payment service that outlives one of its processes.
final class APIWorld: Sendable {
    static let leaseSeconds: Double = 30

    let events = InMemoryEvents()
    let records = InMemoryRecordStore()
    let cache = InMemoryResponseCache()
    let queue = InMemoryQueue()
    let readStore = ScriptedReadStore()
    let clock = ManualClock()
    let identifiers = CountingIDGenerator()
    let log = LogCollector()
    let fingerprintSecrets = ScriptedSecrets(#"{"key":"key of the tests"}"#)

    /// One process of the service.
    func service(
        fate: ProcessFate = ProcessFate(), risk: ScriptedRiskAssessor? = nil,
        policy: RiskUnavailablePolicy = .failClosed
    ) -> PaymentServiceHandler {
        PaymentServiceHandler(
            ports: PaymentServiceHandler.Ports(
                apiKeys: FixedAPIKeys([
                    Fixture.apiKey: Fixture.merchantID, Fixture.otherAPIKey: Fixture.otherMerchantID,
                ]),
                events: store(fate: fate),
                idempotency: IdempotencyStore(
                    records: InMemoryIdempotencyRecords(records, fate: fate), cache: cache, clock: clock,
                    identifiers: identifiers, leaseMilliseconds: Int(Self.leaseSeconds * 1000)),
                fingerprints: RequestFingerprint(secrets: fingerprintSecrets, secretID: "fingerprint"),
                jobs: queue.sender(fate: fate), risk: risk ?? ScriptedRiskAssessor(fate: fate),
                readStore: readStore, refundDirectory: InMemoryRefundDirectory(records, fate: fate),
                identifiers: identifiers),
            riskUnavailablePolicy: policy)
    }

    func store(fate: ProcessFate = ProcessFate()) -> EventStore {
        Fixture.eventStore(events, clock: clock, identifiers: identifiers, fate: fate, logger: log.logger)
    }

    /// Sends a request to a process.
    func send(
        _ method: String, _ path: String, _ body: String = "", key: String? = nil, apiKey: String? = Fixture.apiKey,
        headers: [String: String] = [:], to service: PaymentServiceHandler? = nil
    ) async throws -> Reply {
        var fields = headers
        if let key { fields["idempotency-key"] = key }
        if let apiKey { fields["authorization"] = "Bearer " + apiKey }
        let request = Fixture.request(method, path, body: body, headers: fields)
        let handler = service ?? self.service()
        return try Reply(try await handler.handle(request, context: Fixture.context(logger: log.logger)))
    }

    /// Asks for a charge.
    func charge(
        _ body: String = #"{"amount":1999,"currency":"EUR","payment_method":"pm_card_visa"}"#, key: String = "key-1",
        to service: PaymentServiceHandler? = nil
    ) async throws -> Reply {
        try await send("POST", "/v1/charges", body, key: key, to: service)
    }

    /// Asks for a refund.
    func refund(
        _ id: ChargeID, _ amountMinor: Int64?, key: String, to service: PaymentServiceHandler? = nil
    ) async throws -> Reply {
        let amount = amountMinor.map { #","amount":\#($0)"# } ?? ""
        return try await send(
            "POST", "/v1/refunds", #"{"charge_id":"\#(id)"\#(amount)}"#, key: key, to: service)
    }
}

/// An answer, taken apart.
struct Reply {
    let status: Int
    let headers: [String: String]
    let bytes: String
    let body: JSON

    init(_ response: ALBResponse) throws {
        status = response.statusCode
        headers = response.headers ?? [:]
        bytes = response.body ?? ""
        body = try #require(JSON(parsing: Data(bytes.utf8)))
    }

    var errorCode: String? { body["error"]?["code"]?.text }
    var errorParameter: String? { body["error"]?["param"]?.text }
    var id: String? { body["id"]?.text }
}
