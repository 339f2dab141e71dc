import CurlEventLoop
import Domain
import FunctionsTestSupport
import HTTPClient
import LambdaRuntime
import Testing

@testable import PaymentService

@Suite("Payment service configuration")
struct ConfigurationTests {
    private static let complete = [
        "EVENTS_TABLE": "events", "EVENT_STREAM": "stream", "IDEMPOTENCY_TABLE": "idempotency",
        "FINGERPRINT_SECRET_ID": "fingerprint",
        "API_KEYS_TABLE": "keys", "JOB_QUEUE_URL": "http://q", "RISK_FUNCTION_NAME": "risk",
        "RISK_UNAVAILABLE_POLICY": "fail_open", "REDIS_URL": "redis://127.0.0.1",
    ]

    private func configuration(_ variables: [String: String]) throws -> PaymentServiceConfiguration {
        try PaymentServiceConfiguration(
            FunctionEnvironment(variables: variables, loop: EventLoop(), logger: LogCollector().logger))
    }

    @Test("a complete environment is read; the lease has a default")
    func everythingSet() throws {
        let configuration = try configuration(Self.complete)
        #expect(configuration.riskUnavailablePolicy == .failOpen)
        #expect(configuration.leaseMilliseconds == 30_000)
    }

    @Test("every variable that is missing is named", arguments: ConfigurationTests.complete.keys.sorted())
    func missing(name: String) {
        var variables = Self.complete
        variables[name] = nil
        #expect(throws: ConfigurationError.missingVariable(name)) { try configuration(variables) }
    }

    @Test("an unknown policy is refused: there is no default for whether charges pass")
    func unknownPolicy() {
        var variables = Self.complete
        variables["RISK_UNAVAILABLE_POLICY"] = "maybe"
        #expect(throws: ConfigurationError.self) { try configuration(variables) }
    }
}
