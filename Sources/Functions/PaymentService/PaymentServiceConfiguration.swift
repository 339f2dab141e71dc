import Domain
import LambdaRuntime

/// What the payment service is told by its environment.
struct PaymentServiceConfiguration {
    /// Longer than the load balancer waits for a function by default, so that no lease ends under a live request.
    static let defaultLeaseMilliseconds = 30_000
    /// The most one read of PaymentDB takes: the journal answers when PaymentDB hangs, and the function's ten seconds
    /// must hold both.
    static let readTimeoutMilliseconds = 2_000

    let eventsTable: String
    let eventStream: String
    let idempotencyTable: String
    let fingerprintSecretID: String
    let apiKeysTable: String
    let jobQueueURL: String
    let riskFunction: String
    let riskUnavailablePolicy: RiskUnavailablePolicy
    let redisURL: String
    let leaseMilliseconds: Int

    /// - Throws: the first variable that is missing or unusable.
    init(_ environment: FunctionEnvironment) throws(ConfigurationError) {
        eventsTable = try environment.required("EVENTS_TABLE")
        eventStream = try environment.required("EVENT_STREAM")
        idempotencyTable = try environment.required("IDEMPOTENCY_TABLE")
        fingerprintSecretID = try environment.required("FINGERPRINT_SECRET_ID")
        apiKeysTable = try environment.required("API_KEYS_TABLE")
        jobQueueURL = try environment.required("JOB_QUEUE_URL")
        riskFunction = try environment.required("RISK_FUNCTION_NAME")
        riskUnavailablePolicy = try Self.policy(try environment.required("RISK_UNAVAILABLE_POLICY"))
        redisURL = try environment.required("REDIS_URL")
        leaseMilliseconds = try environment.integer(
            "IDEMPOTENCY_LEASE_MILLISECONDS", default: Self.defaultLeaseMilliseconds)
    }

    /// No default: whether charges pass while the risk engine is down is somebody's decision.
    private static func policy(_ text: String) throws(ConfigurationError) -> RiskUnavailablePolicy {
        guard let policy = RiskUnavailablePolicy(rawValue: text) else {
            let known = RiskUnavailablePolicy.allCases.map(\.rawValue).joined(separator: " or ")
            throw .invalidVariable("RISK_UNAVAILABLE_POLICY", reason: "must be \(known)")
        }
        return policy
    }
}
