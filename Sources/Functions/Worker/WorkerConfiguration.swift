import AWSClient
import Domain
import FoundationEssentials
import FunctionsShared
import HTTPClient
import LambdaRuntime

/// What the worker is told by its environment.
struct WorkerConfiguration {
    let eventsTable: String
    let eventStream: String
    let stripeSecretID: String
    let stripeBaseURL: String
    let gatewayTimeoutMilliseconds: Int

    /// - Throws: the first variable that is missing or unusable.
    init(_ environment: FunctionEnvironment) throws(ConfigurationError) {
        eventsTable = try environment.required("EVENTS_TABLE")
        eventStream = try environment.required("EVENT_STREAM")
        stripeSecretID = try environment.required("STRIPE_SECRET_ID")
        stripeBaseURL = environment.optional("STRIPE_API_BASE") ?? StripeGateway.defaultBaseURL
        gatewayTimeoutMilliseconds = min(
            try environment.integer("PSP_TIMEOUT_MILLISECONDS", default: StripeGateway.maximumTimeoutMilliseconds),
            StripeGateway.maximumTimeoutMilliseconds)
    }
}
