/// What Lambda sends to the destination of an asynchronous invocation, after success or after the last failure.
///
/// On an event bus it is the detail of an event from `lambda`: `AsynchronousInvocationEvent`.
public struct AsynchronousInvocationRecord: Codable, Sendable, Equatable {
    /// Version of the shape.
    public var version: String
    /// When, RFC 3339 with milliseconds, UTC.
    public var timestamp: String
    /// How the function was invoked.
    public var requestContext: DestinationRequestContext
    /// The event that the function was invoked with.
    public var requestPayload: JSONTree
    /// How the last invocation ended; `nil` when there was none.
    public var responseContext: DestinationResponseContext?
    /// What the function returned, or its error report; `nil` when it was not invoked.
    public var responsePayload: JSONTree?

    /// A record made of its parts.
    public init(
        timestamp: String, requestContext: DestinationRequestContext, requestPayload: JSONTree,
        responseContext: DestinationResponseContext?, responsePayload: JSONTree?, version: String = "1.0"
    ) {
        self.version = version
        self.timestamp = timestamp
        self.requestContext = requestContext
        self.requestPayload = requestPayload
        self.responseContext = responseContext
        self.responsePayload = responsePayload
    }
}

/// The record of an asynchronous invocation on an event bus: source `lambda`, type
/// `Lambda Function Invocation Result - Success` or `… - Failure`.
public typealias AsynchronousInvocationEvent = EventBridgeEvent<AsynchronousInvocationRecord>
