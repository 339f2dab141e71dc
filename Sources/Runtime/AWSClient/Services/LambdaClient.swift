import FoundationEssentials
import HTTPClient

/// What a function answered.
public struct LambdaInvocationResult: Sendable, Equatable {
    /// The HTTP status of the invocation: 200, also when the function itself failed.
    public var status: Int
    /// `Unhandled` or `Handled` when the function failed; the payload then describes its error.
    public var functionError: String?
    /// The function's response, or the description of its error.
    public var payload: Data

    /// A result made of its parts.
    public init(status: Int, functionError: String? = nil, payload: Data) {
        self.status = status
        self.functionError = functionError
        self.payload = payload
    }
}

/// AWS Lambda: synchronous invocation.
public struct LambdaClient: Sendable {
    /// The largest payload of a synchronous invocation, in bytes (AWS Lambda Developer Guide, "Lambda quotas": 6 MB).
    public static let maximumPayloadBytes = 6 * 1_024 * 1_024

    private let aws: AWSClient

    /// A client that sends through `aws`.
    public init(_ aws: AWSClient) {
        self.aws = aws
    }

    /// Invokes a function and waits for its answer.
    ///
    /// - Parameters:
    ///   - function: its name, `name:alias` or ARN.
    ///   - payload: the event, as JSON.
    ///   - timeoutMilliseconds: the limit on the whole call, retries included.
    ///   - isRepeatable: whether running the function twice does no harm. Only then is an invocation repeated whose
    ///     outcome is unknown; one that certainly did not start is always repeated.
    /// - Returns: the function's answer; a function that failed is a result with `functionError`, not an error.
    public func invoke(
        function: String, payload: Data, timeoutMilliseconds: Int, isRepeatable: Bool = false
    ) async throws(AWSError) -> LambdaInvocationResult {
        guard payload.count <= Self.maximumPayloadBytes else {
            throw .invalidRequest(
                service: .lambda, operation: "Invoke",
                detail: "a payload of \(payload.count) bytes; up to \(Self.maximumPayloadBytes) are allowed")
        }
        let name = PercentEncoding.encode(function.utf8)
        let endpoint = aws.configuration.endpoint(for: .lambda)
        let response = try await aws.send(
            AWSCall(
                service: .lambda, operation: "Invoke", url: "\(endpoint)/2015-03-31/functions/\(name)/invocations",
                headers: ["Content-Type": "application/json", "X-Amz-Invocation-Type": "RequestResponse"],
                body: payload, repeatability: isRepeatable ? .always : .onlyIfNothingHappened,
                totalTimeoutMilliseconds: timeoutMilliseconds))
        return LambdaInvocationResult(
            status: response.status, functionError: response.headers["X-Amz-Function-Error"], payload: response.body)
    }
}
