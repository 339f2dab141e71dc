import AWSClient
import Domain
import FoundationEssentials
import FunctionsShared
import HTTPClient
import LambdaCodable
import LambdaEvents
import LambdaRuntime
import Telemetry

/// Values that many tests use.
public enum Fixture {
    public static let merchantID = MerchantID(rawValue: "mer_1")
    public static let otherMerchantID = MerchantID(rawValue: "mer_2")
    public static let apiKey = "fk_test_1"
    public static let otherAPIKey = "fk_test_2"

    public static func euros(_ amountMinor: Int64) throws -> Money {
        Money(amountMinor: amountMinor, currency: try Currency("EUR"))
    }

    public static let origin = EventOrigin(merchantID: merchantID, traceID: "1-trace", causationID: "req_1")

    /// An invocation; without a deadline there is always time.
    public static func context(remainingSeconds: Double? = nil, logger: Logger? = nil) -> LambdaContext {
        LambdaContext(
            requestID: "req_1",
            deadlineMilliseconds: remainingSeconds.map { UnixTime.now().milliseconds + Int64($0 * 1000) },
            logger: logger ?? LogCollector().logger)
    }

    /// A client for AWS that sends through a script and never waits.
    public static func awsClient(_ transport: any HTTPTransport) throws -> AWSClient {
        AWSClient(
            configuration: try AWSConfiguration(
                region: "eu-central-1",
                credentials: AWSCredentials(accessKeyID: "AKIDEXAMPLE", secretAccessKey: "secret"),
                endpoint: "http://aws.test"),
            transport: transport, sleep: { _ in })
    }

    /// A request from the load balancer.
    public static func request(
        _ method: String, _ path: String, body: String = "", headers: [String: String] = [:],
        isBase64Encoded: Bool = false
    ) -> ALBRequest {
        ALBRequest(
            targetGroupARN: "arn:aws:elasticloadbalancing:eu-central-1:123456789012:targetgroup/api/1",
            httpMethod: method, path: path, headers: headers, body: body, isBase64Encoded: isBase64Encoded)
    }

    /// An event store over shared memory, for one process.
    public static func eventStore(
        _ events: InMemoryEvents, clock: any WallClock = ManualClock(),
        identifiers: any IDGenerator = CountingIDGenerator(), fate: ProcessFate = ProcessFate(),
        logger: Logger = LogCollector().logger
    ) -> EventStore {
        EventStore(
            journal: InMemoryJournal(events, fate: fate), publisher: InMemoryPublisher(events, fate: fate),
            clock: clock, identifiers: identifiers, logger: logger)
    }

    /// Fingerprints under a key of the tests.
    public static let fingerprints = RequestFingerprint(
        secrets: ScriptedSecrets(#"{"key":"key of the tests"}"#), secretID: "fingerprint")

    /// A charge that was accepted.
    @discardableResult
    public static func initiate(
        _ id: ChargeID, amountMinor: Int64 = 1999, paymentMethod: String = "pm_card_visa",
        captureMode: CaptureMode = .automatic, in store: EventStore
    ) async throws -> LoadedCharge {
        let command = ChargeCommand.initiate(
            InitiateCharge(
                amount: try euros(amountMinor), paymentMethod: paymentMethod, captureMode: captureMode,
                risk: ScriptedRiskAssessor.approval))
        return try await store.execute(on: id, origin: origin) { loaded throws(DomainError) in
            try ChargeRules.decide(loaded.charge, command)
        }.loaded
    }

    /// A charge whose attempt at the PSP has begun.
    @discardableResult
    public static func startProcessing(_ id: ChargeID, in store: EventStore) async throws -> LoadedCharge {
        try await decide(.startProcessing(.stripe), on: id, in: store)
    }

    /// A charge whose money was taken.
    @discardableResult
    public static func succeed(
        _ id: ChargeID, amountMinor: Int64 = 1999, in store: EventStore
    ) async throws -> LoadedCharge {
        try await initiate(id, amountMinor: amountMinor, in: store)
        try await startProcessing(id, in: store)
        let evidence = GatewayEvidence(reference: "pi_1", amount: try euros(amountMinor))
        return try await decide(
            .recordChargeOutcome(.succeeded(evidence), attempt: 1, evidence: .response), on: id, in: store)
    }

    /// Any command on a charge.
    @discardableResult
    public static func decide(
        _ command: ChargeCommand, on id: ChargeID, in store: EventStore
    ) async throws -> LoadedCharge {
        try await store.execute(on: id, origin: origin) { loaded throws(DomainError) in
            try ChargeRules.decide(loaded.charge, command)
        }.loaded
    }
}
