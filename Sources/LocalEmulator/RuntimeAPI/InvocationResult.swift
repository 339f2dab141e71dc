import Foundation

/// What one attempt to run a function came to.
public struct InvocationResult: Sendable, Equatable {
    /// Identifies the invocation.
    public var requestID: String
    /// The function's response, or the error document.
    public var payload: Data
    /// `Unhandled` when the function failed; the payload is then an error document.
    public var functionError: String?
    /// Wall-clock time from handing over the event to the response, in milliseconds.
    public var durationMilliseconds: Int64
    /// What the platform records of a failure, such as `Function.Unknown`: not always what the document says.
    public var errorType: String?
    /// The content type the function gave its response.
    public var contentType = "application/json"
    /// Whether the function streamed its response.
    public var isStreamed = false
    /// What of a streamed response had come when it failed.
    public var streamedBeforeError: Data?
    /// The cause of a failure in X-Ray's form, at most 64 KiB.
    public var errorCause: Data?

    /// A result made of its parts.
    public init(requestID: String, payload: Data, functionError: String? = nil, durationMilliseconds: Int64 = 0) {
        self.requestID = requestID
        self.payload = payload
        self.functionError = functionError
        self.durationMilliseconds = durationMilliseconds
    }

    init(requestID: String, outcome: InvocationOutcome, durationMilliseconds: Int64) {
        self.init(
            requestID: requestID, payload: outcome.payload,
            functionError: outcome.errorType == nil ? nil : "Unhandled", durationMilliseconds: durationMilliseconds)
        errorType = outcome.errorType
        contentType = outcome.contentType
        isStreamed = outcome.isStreamed
        streamedBeforeError = outcome.streamedBeforeError
        errorCause = outcome.errorCause
    }

    /// The message of the error document, for people.
    public var errorMessage: String? {
        guard functionError != nil else { return nil }
        let document = try? JSONValue(parsing: payload)
        let type = document?["errorType"]?.stringValue
        let message = document?["errorMessage"]?.stringValue ?? "no message"
        return type.map { "\($0): \(message)" } ?? message
    }
}
