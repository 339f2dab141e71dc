import Domain
import FoundationEssentials
import FunctionsShared
import LambdaCodable
import LambdaEvents
import LambdaRuntime
import Telemetry

/// Takes the PSPs' webhooks: verifies them on their raw bytes, finds the charge by the metadata our requests put on the
/// PSP's objects, and records what they say. Duplicates, any order and early arrival end in the same state.
struct WebhookHandler: LambdaHandler {
    static let stripePath = "/v1/webhooks/stripe"

    private let receiver: StripeWebhookReceiver
    private let events: EventStore
    private let clock: any WallClock
    private let identifiers: any IDGenerator

    init(
        receiver: StripeWebhookReceiver, events: EventStore, clock: any WallClock, identifiers: any IDGenerator
    ) {
        self.receiver = receiver
        self.events = events
        self.clock = clock
        self.identifiers = identifiers
    }

    func handle(_ event: ALBRequest, context: LambdaContext) async throws -> ALBResponse {
        do {
            let effect = try await receive(event, context)
            let body: JSON = ["received": .boolean(true), "effect": .string(effect.rawValue)]
            return HTTPAnswer.json(status: 200, body: body.serialized(), requestID: context.requestID)
        } catch {
            context.logger.warning(
                "webhook not taken", ["code": .string(error.code), "status": .integer(error.status)])
            return error.response(requestID: context.requestID)
        }
    }

    /// What a webhook led to.
    enum Effect: String {
        /// Events were appended.
        case recorded
        /// Everything it says is known.
        case known
        /// It is not about a charge or refund of ours, or says nothing about one.
        case ignored
        /// It names a charge that we do not have, and has done so for too long to be early.
        case unknownCharge = "unknown_charge"
    }

    private func receive(_ event: ALBRequest, _ context: LambdaContext) async throws(APIError) -> Effect {
        guard event.path == Self.stripePath else { throw .unknownPath() }
        guard event.httpMethod == "POST" else { throw .methodNotAllowed(allowed: ["POST"]) }
        guard let body = event.bodyBytes.map({ Data($0) }) else { throw .malformedBody("The body is not readable.") }
        let notification: ProviderNotification
        do {
            notification = try await receiver.receive(
                signature: event.header(StripeWebhookVerifier.headerName), body: body)
        } catch {
            throw Self.refusal(error, context.logger)
        }
        let trace = TracingContext(header: event.header(TracingContext.headerName), identifiers: identifiers)
        let logger = context.logger.with([
            "trace_id": .string(trace.traceID), "provider_event_id": .string(notification.eventID),
            "provider_event_type": .string(notification.type),
        ])
        return try await WebhookRecording(events: events, clock: clock, trace: trace, logger: logger)
            .record(notification)
    }

    private static func refusal(_ failure: StripeWebhookReceiver.Failure, _ logger: Logger) -> APIError {
        switch failure {
        case .signature(let error):
            return APIError(
                status: 400, kind: .invalidRequest, code: "signature_invalid", message: error.message,
                parameter: StripeWebhookVerifier.headerName)
        case .unreadable(let error):
            logger.error("a genuine webhook cannot be read", ["detail": .string(error.detail)])
            return .malformedBody("The event cannot be read: \(error.detail).")
        case .secret(let error):
            logger.error("no signing secret", ["detail": .string(error.detail)])
            return .unavailable()
        }
    }
}
