import CurlEventLoop
import FunctionsShared
import FunctionsTestSupport
import HTTPClient
import LambdaRuntime
import Testing

@testable import Worker

@Suite("Worker configuration")
struct ConfigurationTests {
    private static let complete = [
        "EVENTS_TABLE": "events", "EVENT_STREAM": "stream", "STRIPE_SECRET_ID": "stripe",
    ]

    private func configuration(_ variables: [String: String]) throws -> WorkerConfiguration {
        try WorkerConfiguration(
            FunctionEnvironment(variables: variables, loop: EventLoop(), logger: LogCollector().logger))
    }

    @Test("defaults: Stripe itself, and 30 seconds")
    func defaults() throws {
        let configuration = try configuration(Self.complete)
        #expect(configuration.stripeBaseURL == "https://api.stripe.com")
        #expect(configuration.gatewayTimeoutMilliseconds == 30_000)
    }

    @Test("every variable that is missing is named", arguments: ConfigurationTests.complete.keys.sorted())
    func missing(name: String) {
        var variables = Self.complete
        variables[name] = nil
        #expect(throws: ConfigurationError.missingVariable(name)) { try configuration(variables) }
    }
}
