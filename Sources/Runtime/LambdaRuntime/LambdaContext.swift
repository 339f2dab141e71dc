import FoundationEssentials
import Telemetry

/// What a handler may know about the invocation it serves.
public struct LambdaContext: Sendable {
    /// Identifies the invocation; repeated attempts of an asynchronous one share it.
    public let requestID: String
    /// The function as it was invoked, with alias or version when one was used.
    public let invokedFunctionARN: String?
    /// The X-Ray trace header: `Root=1-…;Parent=…;Sampled=…`.
    public let traceID: String?
    /// When Lambda ends the invocation by force; `nil` when unknown.
    public let deadline: Date?
    /// The caller's client context, as JSON text.
    public let clientContext: String?
    /// The caller's Cognito identity, as JSON text.
    public let cognitoIdentity: String?
    /// The tenant, for functions with tenant isolation.
    public let tenantID: String?
    /// Logs with the request and trace ids on every line.
    public let logger: Logger

    /// A context made of its parts.
    public init(
        requestID: String, invokedFunctionARN: String? = nil, traceID: String? = nil, deadline: Date? = nil,
        clientContext: String? = nil, cognitoIdentity: String? = nil, tenantID: String? = nil,
        logger: Logger = Logger()
    ) {
        self.requestID = requestID
        self.invokedFunctionARN = invokedFunctionARN
        self.traceID = traceID
        self.deadline = deadline
        self.clientContext = clientContext
        self.cognitoIdentity = cognitoIdentity
        self.tenantID = tenantID
        self.logger = logger
    }

    init(_ invocation: Invocation, logger: Logger) {
        var fields: [String: LogValue] = ["request_id": .string(invocation.requestID)]
        if let traceID = invocation.traceID { fields["trace_id"] = .string(traceID) }
        self.init(
            requestID: invocation.requestID, invokedFunctionARN: invocation.functionARN, traceID: invocation.traceID,
            deadline: invocation.deadlineMilliseconds.map { Date(timeIntervalSince1970: Double($0) / 1000) },
            clientContext: invocation.clientContext, cognitoIdentity: invocation.cognitoIdentity,
            tenantID: invocation.tenantID, logger: logger.with(fields))
    }

    /// Milliseconds until the deadline, at least 0; `Int.max` when the deadline is unknown.
    ///
    /// Measured on the wall clock, as the deadline is: it is right after a freeze, too.
    public func remainingMilliseconds() -> Int {
        guard let deadline else { return .max }
        return max(0, Int(deadline.timeIntervalSinceNow * 1000))
    }
}
