import HTTPClient

/// How often and how long a call is tried: everything about it is bounded.
public struct RetryPolicy: Sendable, Equatable {
    /// Attempts in all, the first one included.
    public var maximumAttempts: Int
    /// The upper bound of the pause before the first retry, in milliseconds; it doubles with every further one.
    public var baseDelayMilliseconds: Int
    /// What the doubling stops at, in milliseconds.
    public var maximumDelayMilliseconds: Int
    /// The limit on look-up, connecting and TLS of one attempt.
    public var connectTimeoutMilliseconds: Int
    /// The limit on one attempt.
    public var attemptTimeoutMilliseconds: Int
    /// The limit on the whole call, pauses included.
    public var totalTimeoutMilliseconds: Int

    /// A policy made of its parts; fewer than one attempt counts as one.
    public init(
        maximumAttempts: Int = 4, baseDelayMilliseconds: Int = 50, maximumDelayMilliseconds: Int = 2_000,
        connectTimeoutMilliseconds: Int = 1_000, attemptTimeoutMilliseconds: Int = 5_000,
        totalTimeoutMilliseconds: Int = 15_000
    ) {
        self.maximumAttempts = max(1, maximumAttempts)
        self.baseDelayMilliseconds = max(0, baseDelayMilliseconds)
        self.maximumDelayMilliseconds = max(0, maximumDelayMilliseconds)
        self.connectTimeoutMilliseconds = connectTimeoutMilliseconds
        self.attemptTimeoutMilliseconds = attemptTimeoutMilliseconds
        self.totalTimeoutMilliseconds = totalTimeoutMilliseconds
    }

    /// One attempt and three retries within 15 seconds: one retry more than the AWS SDKs' standard mode, because the
    /// alternative inside a Lambda environment is a whole further invocation.
    public static let standard = RetryPolicy()

    /// The pause before a retry is drawn from zero up to this ("full jitter", AWS Architecture Blog, "Exponential
    /// Backoff And Jitter"), so that callers that failed together do not come back together.
    ///
    /// - Parameter retry: 1 for the first retry.
    public func maximumDelayMilliseconds(beforeRetry retry: Int) -> Int {
        // The exponent is capped so that the shift cannot overflow; 2^20 base delays exceed any sensible maximum.
        let factor = 1 << min(max(retry - 1, 0), 20)
        let (delay, overflow) = baseDelayMilliseconds.multipliedReportingOverflow(by: factor)
        return overflow ? maximumDelayMilliseconds : min(delay, maximumDelayMilliseconds)
    }
}

/// Whether a call may be sent again although an earlier attempt may have been carried out.
enum Repeatability: Sendable {
    /// Doing it twice is doing it once, or the caller has to expect duplicates anyway.
    case always
    /// Only after a failure that proves that nothing happened.
    case onlyIfNothingHappened
}

/// What a failure says about the attempt it ended.
enum FailureKind: Sendable, Equatable {
    /// Trying again cannot help.
    case permanent
    /// A later attempt may succeed; this one certainly did nothing.
    case nothingHappened
    /// A later attempt may succeed; this one may have been carried out.
    case outcomeUnknown

    init(_ error: AWSError) {
        switch error {
        case .configuration, .invalidRequest, .malformedResponse: self = .permanent
        case .transport(_, _, let error): self = Self.kind(of: error)
        case .service(let failure): self = Self.kind(of: failure)
        }
    }

    private static func kind(of error: HTTPClientError) -> FailureKind {
        switch error {
        case .invalidRequest, .responseTooLarge: .permanent
        case .notSent: .nothingHappened
        case .timedOut, .connectionLost: .outcomeUnknown
        }
    }

    /// Codes for "not now", sent before any work is done: the union of botocore's throttling and transient codes, and
    /// DynamoDB's conflict codes, whose documentation says that the request was rejected.
    private static let refusalCodes: Set<String> = [
        "BandwidthLimitExceeded", "EC2ThrottledException", "KMSThrottlingException", "KmsThrottled",
        "PriorRequestNotComplete", "ProvisionedThroughputExceededException", "ReplicatedWriteConflictException",
        "RequestLimitExceeded", "RequestThrottled", "RequestThrottledException", "RequestTimeout",
        "RequestTimeoutException", "SlowDown", "ThrottledException", "Throttling", "ThrottlingException",
        "TooManyRequestsException", "TransactionConflictException", "TransactionInProgressException",
    ]

    /// Reasons for which DynamoDB cancels a transaction without having found fault with it.
    private static let transientCancellationReasons: Set<String> = [
        "ProvisionedThroughputExceeded", "ThrottlingError", "TransactionConflict",
    ]

    private static let transientStatuses: Set<Int> = [500, 502, 503, 504]

    /// RFC 6585, section 4: too many requests; nothing was done with this one.
    private static let throttledStatus = 429

    private static func kind(of failure: AWSServiceFailure) -> FailureKind {
        if refusalCodes.contains(failure.code) || failure.status == throttledStatus { return .nothingHappened }
        if failure.code == "TransactionCanceledException" {
            let reasons = failure.cancellationReasons.compactMap { $0 }
            let isTransient = !reasons.isEmpty && reasons.allSatisfy(transientCancellationReasons.contains)
            return isTransient ? .nothingHappened : .permanent
        }
        return transientStatuses.contains(failure.status) ? .outcomeUnknown : .permanent
    }
}
