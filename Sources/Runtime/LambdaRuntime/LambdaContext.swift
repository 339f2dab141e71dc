import Telemetry

/// What a handler may know about the invocation it serves.
public struct LambdaContext: Sendable {
    /// Identifies the invocation; repeated attempts of an asynchronous one share it.
    public let requestID: String
    /// The function as it was invoked, with alias or version when one was used.
    public let invokedFunctionARN: String?
    /// The X-Ray trace header: `Root=1-…;Parent=…;Sampled=…`.
    public let traceID: String?
    /// When Lambda ends the invocation by force, in milliseconds since 1970; `nil` when unknown.
    public let deadlineMilliseconds: Int64?
    /// The caller's client context, as JSON text.
    public let clientContext: String?
    private let cognitoIdentityText: String?
    /// The tenant, for functions with tenant isolation.
    public let tenantID: String?
    private let functionLogger: Logger

    /// A context made of its parts; the Cognito identity is JSON text, as Lambda sends it.
    public init(
        requestID: String, invokedFunctionARN: String? = nil, traceID: String? = nil,
        deadlineMilliseconds: Int64? = nil, clientContext: String? = nil,
        cognitoIdentityText: String? = nil, tenantID: String? = nil, logger: Logger = Logger()
    ) {
        self.requestID = requestID
        self.invokedFunctionARN = invokedFunctionARN
        self.traceID = traceID
        self.deadlineMilliseconds = deadlineMilliseconds
        self.clientContext = clientContext
        self.cognitoIdentityText = cognitoIdentityText
        self.tenantID = tenantID
        functionLogger = logger
    }

    init(_ invocation: Invocation, logger: Logger) {
        let metadata = invocation.metadata
        self.init(
            requestID: invocation.requestID, invokedFunctionARN: metadata.functionARN, traceID: metadata.traceID,
            deadlineMilliseconds: metadata.deadlineMilliseconds, clientContext: metadata.clientContext,
            cognitoIdentityText: metadata.cognitoIdentity, tenantID: metadata.tenantID, logger: logger)
    }

    /// The caller's Cognito identity, for invocations by an identity pool's credentials.
    public var cognitoIdentity: CognitoIdentity? { cognitoIdentityText.flatMap(CognitoIdentity.init(json:)) }

    /// Logs with the request and trace ids on every line.
    public var logger: Logger {
        // Made when asked for: most invocations log nothing.
        var fields: [String: LogValue] = ["request_id": .identifier(requestID)]
        if let traceID { fields["trace_id"] = .identifier(traceID) }
        if let tenantID { fields["tenant_id"] = .string(tenantID) }
        return functionLogger.with(fields)
    }

    /// Milliseconds until the deadline, at least 0; `Int.max` when the deadline is unknown.
    ///
    /// Measured on the wall clock, as the deadline is: it is right after a freeze, too.
    public func remainingMilliseconds() -> Int {
        guard let deadlineMilliseconds else { return .max }
        // A peer's number may be anything; clamping keeps the subtraction from overflowing.
        let (remaining, overflow) = deadlineMilliseconds.subtractingReportingOverflow(UnixTime.now().milliseconds)
        if overflow { return deadlineMilliseconds < 0 ? 0 : .max }
        return max(0, Int(clamping: remaining))
    }
}
