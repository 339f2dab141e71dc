import Foundation

/// An error answer of the Stripe API.
struct StripeError: Error, Sendable, Equatable {
    /// The HTTP status.
    var status: Int
    /// `api_error`, `card_error`, `idempotency_error` or `invalid_request_error`.
    var type: String
    /// A stable code, for example `resource_missing`.
    var code: String?
    /// The issuer's reason for a decline.
    var declineCode: String?
    /// Prose for the developer.
    var message: String
    /// The request parameter at fault.
    var parameter: String?
    /// The failed charge of a decline.
    var charge: String?
    /// The payment intent, as it stands after the error.
    var paymentIntent: JSONValue?
    /// The payment method that was declined.
    var paymentMethod: JSONValue?
    /// Whether the endpoint had begun to execute: only then is the answer kept under the idempotency key.
    var endpointBegan: Bool

    /// The error envelope; attributes without a value are left out, as Stripe leaves them out.
    var body: JSONValue {
        var error: [String: JSONValue] = ["type": .string(type), "message": .string(message)]
        error["code"] = code.map(JSONValue.string)
        error["decline_code"] = declineCode.map(JSONValue.string)
        error["param"] = parameter.map(JSONValue.string)
        error["charge"] = charge.map(JSONValue.string)
        error["payment_intent"] = paymentIntent
        error["payment_method"] = paymentMethod
        error["doc_url"] = code.map { .string("https://stripe.com/docs/error-codes/\($0.replacing("_", with: "-"))") }
        return .object(["error": .object(error)])
    }
}

extension StripeError {
    /// Parameters that fail validation: nothing was executed, nothing is kept under the idempotency key.
    static func invalidParameter(
        _ message: String, code: String? = nil, parameter: String? = nil, status: Int = 400
    ) -> StripeError {
        StripeError(
            status: status, type: "invalid_request_error", code: code, message: message, parameter: parameter,
            endpointBegan: false)
    }

    /// A request the state of its object forbids.
    static func refused(
        _ message: String, code: String? = nil, parameter: String? = nil, status: Int = 400,
        paymentIntent: JSONValue? = nil
    ) -> StripeError {
        StripeError(
            status: status, type: "invalid_request_error", code: code, message: message, parameter: parameter,
            paymentIntent: paymentIntent, endpointBegan: true)
    }

    /// An object that does not exist: 404 when it is the request's subject, 400 when a parameter names it.
    static func missing(_ kind: String, _ id: String, parameter: String, status: Int = 404) -> StripeError {
        refused("No such \(kind): '\(id)'", code: "resource_missing", parameter: parameter, status: status)
    }

    /// The request carries no key.
    static let keyMissing = StripeError(
        status: 401, type: "invalid_request_error",
        message: "You did not provide an API key. You need to provide your API key in the Authorization header, "
            + "using Bearer auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY').",
        endpointBegan: false)

    /// The request carries a key that is not the account's; only its end is repeated.
    static func keyInvalid(_ key: String) -> StripeError {
        StripeError(
            status: 401, type: "invalid_request_error",
            message: "Invalid API Key provided: \(String(repeating: "*", count: 8))\(key.suffix(4))",
            endpointBegan: false)
    }

    /// The key was used before with other parameters or for another endpoint.
    static func idempotencyKeyReused(_ key: String) -> StripeError {
        StripeError(
            status: 400, type: "idempotency_error",
            message: "Keys for idempotent requests can only be used with the same parameters they were first used "
                + "with. Try using a key other than '\(key)' if you meant to execute a different request.",
            endpointBegan: false)
    }

    /// A request with this key is being executed now.
    static func idempotencyKeyInUse(_ key: String) -> StripeError {
        StripeError(
            status: 409, type: "idempotency_error", code: "idempotency_key_in_use",
            message: "There is currently another in-progress request using this Idempotent Key (that probably means "
                + "you submitted twice, and the other request is still going through): \(key). "
                + "Please try again later.",
            endpointBegan: false)
    }
}
