import AWSClient
import FoundationEssentials
import LambdaRuntime

extension FunctionEnvironment {
    /// A client for AWS with this function's region, credentials and endpoints, waiting on this function's loop.
    public func makeAWSClient(retryPolicy: RetryPolicy = .standard) throws -> AWSClient {
        let loop = self.loop
        return AWSClient(
            configuration: try AWSConfiguration(environment: variables), transport: http,
            retryPolicy: retryPolicy, sleep: { await loop.sleep(milliseconds: $0) })
    }
}

extension RetryPolicy {
    /// For functions behind the load balancer. They have 10 seconds, after which the caller gets no answer at all; a
    /// request in trouble waits for the risk engine in vain (`LambdaRiskAssessor.maximumTotalMilliseconds`), then for one
    /// call that fails, then for the one that ends its lease, and must still be answered with 503.
    public static let whileSomebodyWaits = RetryPolicy(
        maximumAttempts: 3, maximumDelayMilliseconds: 200, attemptTimeoutMilliseconds: 1_500,
        totalTimeoutMilliseconds: 2_500)
}
