import Domain
import FoundationEssentials
import LambdaCodable
import LambdaEvents

/// An error as the public API shows it: one shape for everything that can go wrong.
public struct APIError: Error, Sendable, Equatable {
    /// The broad kinds of errors a client may switch over.
    public enum Kind: String, Sendable {
        /// The request is wrong and will be wrong again.
        case invalidRequest = "invalid_request_error"
        /// The API key is missing or not accepted.
        case authentication = "authentication_error"
        /// The idempotency key cannot be used in this way, or not now.
        case idempotency = "idempotency_error"
        /// The payment was refused.
        case payment = "payment_error"
        /// The fault is ours; the same request with the same idempotency key may be sent again.
        case api = "api_error"
    }

    /// Where the codes are explained.
    static let documentationBase = "https://docs.fincore.example/errors#"
    /// How long a client should wait before it repeats a request that failed on our side, in seconds.
    static let retryAfterSeconds = 1

    /// The HTTP status.
    public let status: Int
    /// The broad kind.
    public let kind: Kind
    /// Stable and machine-readable.
    public let code: String
    /// A sentence that says what is wrong and what to do.
    public let message: String
    /// The parameter that is wrong, with dots for nesting (`customer.email`).
    public let parameter: String?
    /// The charge the error is about, when one was made.
    public let chargeID: ChargeID?
    /// Header fields that belong to the error, such as `Retry-After`.
    public let headers: [String: String]

    /// An error made of its parts.
    public init(
        status: Int, kind: Kind, code: String, message: String, parameter: String? = nil, chargeID: ChargeID? = nil,
        headers: [String: String] = [:]
    ) {
        self.status = status
        self.kind = kind
        self.code = code
        self.message = message
        self.parameter = parameter
        self.chargeID = chargeID
        self.headers = headers
    }

    /// The document a client sees.
    public func body(requestID: String) -> Data {
        var error: [String: JSON] = [
            "type": .string(kind.rawValue), "code": .string(code), "message": .string(message),
            "param": .optional(parameter), "request_id": .string(requestID),
            "doc_url": .string(Self.documentationBase + code),
        ]
        if let chargeID { error["charge_id"] = .string(chargeID.rawValue) }
        return JSON.object(["error": .object(error)]).serialized()
    }

    /// The whole answer.
    public func response(requestID: String) -> ALBResponse {
        HTTPAnswer.json(status: status, body: body(requestID: requestID), requestID: requestID, headers: headers)
    }
}

extension APIError {
    /// A store or a service that this request needs did not answer.
    public static func unavailable() -> APIError {
        APIError(
            status: 503, kind: .api, code: "service_unavailable",
            message: "The request could not be completed. Send it again with the same idempotency key.",
            headers: ["Retry-After": String(retryAfterSeconds)])
    }

    /// Something is stored that this version of the code cannot read.
    public static func internalError() -> APIError {
        APIError(
            status: 500, kind: .api, code: "internal_error",
            message: "An unexpected error occurred. Please contact support with the request id.")
    }

    /// There is nothing at this path.
    public static func unknownPath() -> APIError {
        APIError(
            status: 404, kind: .invalidRequest, code: "unknown_path", message: "There is no resource at this path.")
    }

    /// The path exists, but not for this method.
    public static func methodNotAllowed(allowed: [String]) -> APIError {
        APIError(
            status: 405, kind: .invalidRequest, code: "method_not_allowed",
            message: "This path takes \(allowed.joined(separator: ", ")).",
            headers: ["Allow": allowed.joined(separator: ", ")])
    }

    /// The body is not what it must be.
    public static func malformedBody(_ message: String) -> APIError {
        APIError(status: 400, kind: .invalidRequest, code: "malformed_body", message: message)
    }
}

/// Makes the answers that a load balancer passes on.
public enum HTTPAnswer {
    /// The header that carries the request's id.
    public static let requestIDHeader = "X-Request-Id"

    /// A JSON answer.
    public static func json(
        status: Int, body: Data, requestID: String, headers: [String: String] = [:]
    ) -> ALBResponse {
        var fields = headers
        fields["Content-Type"] = "application/json"
        fields[requestIDHeader] = requestID
        var response = ALBResponse(statusCode: status, headers: fields, body: body)
        response.statusDescription = "\(status) \(reason(status))"
        return response
    }

    /// The reason phrases of RFC 9110 for the statuses the API uses.
    private static func reason(_ status: Int) -> String {
        switch status {
        case 200: "OK"
        case 202: "Accepted"
        case 400: "Bad Request"
        case 401: "Unauthorized"
        case 402: "Payment Required"
        case 404: "Not Found"
        case 405: "Method Not Allowed"
        case 409: "Conflict"
        case 413: "Content Too Large"
        case 422: "Unprocessable Content"
        case 500: "Internal Server Error"
        case 503: "Service Unavailable"
        default: "Status"
        }
    }
}
