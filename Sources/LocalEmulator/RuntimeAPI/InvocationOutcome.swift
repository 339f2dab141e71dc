import Foundation

/// What came of one invocation as the Runtime API saw it.
struct InvocationOutcome: Sendable, Equatable {
    /// The function's response, or the error document.
    var payload: Data
    /// What the platform records; `nil` when the function succeeded.
    var errorType: String?
    /// What the payload is.
    var contentType: String
    /// Whether the function streamed its response.
    var isStreamed = false
    /// What of a streamed response had come when it failed.
    var streamedBeforeError: Data?
    /// The cause of the error, as X-Ray stores it.
    var errorCause: Data?

    /// A success.
    static func response(_ payload: Data, contentType: String, isStreamed: Bool) -> InvocationOutcome {
        InvocationOutcome(payload: payload, contentType: contentType, isStreamed: isStreamed)
    }

    /// An error that Lambda itself found.
    static func failure(type: String, message: String) -> InvocationOutcome {
        failure(type: type, document: ErrorDocument.make(type: type, message: message))
    }

    /// An error with the document that tells it.
    static func failure(type: String, document: Data, contentType: String = "application/json") -> InvocationOutcome {
        InvocationOutcome(payload: document, errorType: type, contentType: contentType)
    }
}
