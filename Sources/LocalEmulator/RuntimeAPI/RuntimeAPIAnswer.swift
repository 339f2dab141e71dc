import CurlEventLoop
import Foundation

/// The answers that the Runtime API gives besides events, word for word those of AWS's own emulator
/// (`rapi/rendering/render_error.go`).
enum RuntimeAPIAnswer {
    /// A report was taken.
    static let accepted = document(202, ["status": "OK"])
    /// The id in the path is not that of the invocation under way.
    static let invalidRequestID = error(400, "InvalidRequestID", "Invalid request ID")
    /// The body broke off.
    static let truncated = error(400, "TruncatedHTTPRequest", "HTTP request detected as truncated")
    /// The mode header names no mode there is.
    static let invalidResponseMode = error(400, "InvalidFunctionResponseMode", "Invalid function response mode")
    /// The path leads nowhere; also those of SnapStart, which no function here uses.
    static let notFound = HTTPServerResponse.text(404, "404 page not found\n")

    /// The response is larger than the caller can be given.
    static func tooLarge(limit: Int) -> HTTPServerResponse {
        error(413, "RequestEntityTooLarge", "Exceeded maximum allowed payload size (\(limit) bytes).")
    }

    /// The state does not allow the call.
    static func refused(_ refusal: TransitionRefused) -> HTTPServerResponse {
        error(403, "InvalidStateTransition", transitionMessage(refusal, of: "runtime"))
    }

    /// What both the runtime's and the extensions' state machine say to a call they do not allow.
    static func transitionMessage(_ refusal: TransitionRefused, of subject: String) -> String {
        "State transition from \(refusal.from) to \(refusal.target) failed for \(subject). "
            + "Error: State transition is not allowed"
    }

    /// The path is there, for another method.
    static func methodNotAllowed(_ allowed: String) -> HTTPServerResponse {
        .reply(status: 405, headers: ["Allow": allowed], body: Data())
    }

    /// An error document.
    static func error(_ status: Int, _ type: String, _ message: String) -> HTTPServerResponse {
        document(status, ["errorType": .string(type), "errorMessage": .string(message)])
    }

    /// A JSON document; AWS ends each with a line break.
    static func document(_ status: Int, _ value: JSONValue, headers: HTTPHeaders = [:]) -> HTTPServerResponse {
        var headers = headers
        headers["Content-Type"] = "application/json"
        return .reply(status: status, headers: headers, body: value.serialized() + Data("\n".utf8))
    }
}
