/// How an invocation that Lambda reports to a destination was made.
public struct DestinationRequestContext: Codable, Sendable, Equatable {
    /// The invocation; of retries, that of the first attempt.
    public var requestID: String
    /// The function: with its version (`:$LATEST`) when it was invoked asynchronously, without when a stream drove it.
    public var functionARN: String
    /// Why Lambda reports.
    public var condition: DestinationCondition
    /// How often the function was invoked.
    public var approximateInvokeCount: Int

    /// A context made of its parts.
    public init(requestID: String, functionARN: String, condition: DestinationCondition, approximateInvokeCount: Int) {
        self.requestID = requestID
        self.functionARN = functionARN
        self.condition = condition
        self.approximateInvokeCount = approximateInvokeCount
    }

    enum CodingKeys: String, CodingKey {
        case condition, approximateInvokeCount
        case requestID = "requestId"
        case functionARN = "functionArn"
    }
}

/// How the last invocation that Lambda reports to a destination ended.
public struct DestinationResponseContext: Codable, Sendable, Equatable {
    /// The status of Lambda's Invoke API; 200 also when the function failed.
    public var statusCode: Int
    /// The version that ran, for example `$LATEST`.
    public var executedVersion: String
    /// `Handled` or `Unhandled`; `nil` on success, and when the function reported single records of a stream instead.
    public var functionError: String?

    /// An end made of its parts.
    public init(statusCode: Int, executedVersion: String = "$LATEST", functionError: String? = nil) {
        self.statusCode = statusCode
        self.executedVersion = executedVersion
        self.functionError = functionError
    }

    enum CodingKeys: String, CodingKey {
        case statusCode, executedVersion, functionError
    }
}

/// Why Lambda reports to a destination; values that AWS adds later are kept as they are.
public struct DestinationCondition: RawRepresentable, Codable, Sendable, Hashable {
    /// AWS's name.
    public var rawValue: String

    /// A condition of this name.
    public init(rawValue: String) {
        self.rawValue = rawValue
    }

    /// An asynchronous invocation succeeded.
    public static let success = DestinationCondition(rawValue: "Success")
    /// An asynchronous invocation failed for the last time.
    public static let retriesExhausted = DestinationCondition(rawValue: "RetriesExhausted")
    /// An asynchronous invocation waited too long.
    public static let eventAgeExceeded = DestinationCondition(rawValue: "EventAgeExceeded")
    /// The function may not run at all: its reserved concurrency is zero.
    public static let zeroReservedConcurrency = DestinationCondition(rawValue: "ZeroReservedConcurrency")
    /// Records of a stream failed for the last time.
    public static let retryAttemptsExhausted = DestinationCondition(rawValue: "RetryAttemptsExhausted")
    /// Records of a stream grew too old.
    public static let recordAgeExceeded = DestinationCondition(rawValue: "RecordAgeExceeded")
}
