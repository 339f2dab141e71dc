import Domain
import FoundationEssentials
import FunctionsShared
import LambdaCodable
import LambdaEvents
import Telemetry

/// A POST that changes something: who asks, under which idempotency key, and with which body.
struct MutationRequest: Sendable {
    static let keyHeader = "Idempotency-Key"
    /// As long as Stripe's (docs.stripe.com/api/idempotent_requests).
    static let maximumKeyLength = 255
    /// Far above what the parameters' own limits allow, far below the load balancer's 1 MB.
    static let maximumBodyBytes = 64 * 1024

    let merchantID: MerchantID
    let idempotencyKey: String
    /// Tells whether a later request under the key is the same one.
    let fingerprint: String
    let members: [String: JSON]
    let trace: TracingContext
    let requestID: String
    let logger: Logger

    /// - Throws: 400 without a usable key or body, 413 for a body that is too large, 503 without a fingerprint.
    init(_ call: APICall, merchantID: MerchantID, fingerprints: RequestFingerprint) async throws(APIError) {
        idempotencyKey = try Self.key(call.event.header(Self.keyHeader))
        let body = try Self.body(call.event)
        guard let members = body.members else { throw .malformedBody("The body must be a JSON object.") }
        try CardDataGuard.check(body)
        self.members = members
        self.merchantID = merchantID
        trace = call.trace
        requestID = call.requestID
        logger = call.logger.with(["merchant_id": .string(merchantID.rawValue)])
        do {
            fingerprint = try await fingerprints.of(
                merchantID: merchantID, method: call.event.httpMethod, path: call.event.path, body: body)
        } catch {
            call.logger.error("the request has no fingerprint", ["detail": .string(error.detail)])
            throw .unavailable()
        }
    }

    /// Where the events of this request come from.
    var origin: EventOrigin {
        EventOrigin(merchantID: merchantID, traceID: trace.traceID, causationID: requestID)
    }

    private static func key(_ header: String?) throws(APIError) -> String {
        guard let header else {
            throw keyError("idempotency_key_missing", "is required: a value of your own, new for every operation")
        }
        let isPrintable = header.utf8.allSatisfy { (0x21...0x7E).contains($0) }
        guard !header.isEmpty, header.utf8.count <= maximumKeyLength, isPrintable else {
            throw keyError(
                "idempotency_key_invalid", "must have 1 to \(maximumKeyLength) printable characters without spaces")
        }
        guard CardDataGuard.isClean(header) else {
            throw keyError("idempotency_key_invalid", "holds what looks like a card number")
        }
        return header
    }

    private static func keyError(_ code: String, _ problem: String) -> APIError {
        APIError(
            status: 400, kind: .invalidRequest, code: code, message: "The header '\(keyHeader)' \(problem).",
            parameter: keyHeader)
    }

    private static func body(_ event: ALBRequest) throws(APIError) -> JSON {
        guard let bytes = event.bodyBytes.map({ Data($0) }) else { throw .malformedBody("The body is not readable.") }
        guard bytes.count <= maximumBodyBytes else {
            throw APIError(
                status: 413, kind: .invalidRequest, code: "body_too_large",
                message: "The body must have at most \(maximumBodyBytes) bytes.")
        }
        guard let document = JSON(parsing: bytes) else { throw .malformedBody("The body is not valid JSON.") }
        return document
    }
}
