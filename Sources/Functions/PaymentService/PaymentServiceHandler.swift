import Domain
import FoundationEssentials
import FunctionsShared
import LambdaEvents
import LambdaRuntime
import Telemetry

/// The merchants' API behind the load balancer: finds the route, knows the merchant, and gives every outcome one shape.
struct PaymentServiceHandler: LambdaHandler {
    /// What the API works with; all of it ports, so that it runs the same over DynamoDB and over memory.
    struct Ports: Sendable {
        let apiKeys: any APIKeys
        let events: EventStore
        let idempotency: IdempotencyStore
        let jobs: any JobQueue
        let risk: any RiskAssessor
        let readStore: any ChargeReadStore
        let refundDirectory: any RefundDirectory
        let identifiers: any IDGenerator
    }

    private let ports: Ports
    private let riskUnavailablePolicy: RiskUnavailablePolicy

    /// - Parameter riskUnavailablePolicy: what happens to charges while the risk engine does not answer.
    init(ports: Ports, riskUnavailablePolicy: RiskUnavailablePolicy) {
        self.ports = ports
        self.riskUnavailablePolicy = riskUnavailablePolicy
    }

    func handle(_ event: ALBRequest, context: LambdaContext) async throws -> ALBResponse {
        do {
            return try await respond(to: event, context: context)
        } catch {
            if error.status >= 500 {
                context.logger.error(
                    "request failed", ["code": .string(error.code), "status": .integer(error.status)])
            }
            return error.response(requestID: context.requestID)
        }
    }

    private func respond(to event: ALBRequest, context: LambdaContext) async throws(APIError) -> ALBResponse {
        switch try Route(method: event.httpMethod, path: event.path) {
        case .health:
            return ok(["status": "ok"], context)
        case .createCharge:
            let request = try await mutation(event, context)
            return try await createCharge(try ChargeRequest(request.members), request)
        case .createRefund:
            let request = try await mutation(event, context)
            return try await createRefund(try RefundRequest(request.members), request)
        case .charge(let id):
            let merchantID = try await Authentication.merchant(of: event, keys: ports.apiKeys, logger: context.logger)
            return ok(try await reading(context).charge(id, merchantID).document(includingHistory: true), context)
        case .refund(let id):
            let merchantID = try await Authentication.merchant(of: event, keys: ports.apiKeys, logger: context.logger)
            return ok(try await reading(context).refund(id, merchantID).document, context)
        }
    }

    private func createCharge(_ charge: ChargeRequest, _ request: MutationRequest) async throws(APIError) -> ALBResponse {
        let creation = ChargeCreation(ports: ports, riskUnavailablePolicy: riskUnavailablePolicy, request: request)
        let run = IdempotentRun(store: ports.idempotency, identifiers: ports.identifiers, request: request)
        return try await run(allotting: ChargeCreation.idPrefixes) { ticket throws(APIError) in
            try await creation.run(charge, ticket)
        }
    }

    private func createRefund(_ refund: RefundRequest, _ request: MutationRequest) async throws(APIError) -> ALBResponse {
        let creation = RefundCreation(ports: ports, request: request)
        let run = IdempotentRun(store: ports.idempotency, identifiers: ports.identifiers, request: request)
        return try await run(allotting: RefundCreation.idPrefixes) { ticket throws(APIError) in
            try await creation.run(refund, ticket)
        }
    }

    private func mutation(_ event: ALBRequest, _ context: LambdaContext) async throws(APIError) -> MutationRequest {
        let merchantID = try await Authentication.merchant(of: event, keys: ports.apiKeys, logger: context.logger)
        let trace = TracingContext(
            header: event.header(TracingContext.headerName), identifiers: ports.identifiers)
        return try MutationRequest(
            event, merchantID: merchantID, trace: trace, requestID: context.requestID,
            logger: context.logger.with([
                "merchant_id": .string(merchantID.rawValue), "trace_id": .string(trace.traceID),
            ]))
    }

    private func reading(_ context: LambdaContext) -> ChargeReading {
        ChargeReading(
            readStore: ports.readStore, events: ports.events, refundDirectory: ports.refundDirectory,
            logger: context.logger)
    }

    private func ok(_ document: JSON, _ context: LambdaContext) -> ALBResponse {
        HTTPAnswer.json(status: 200, body: document.serialized(), requestID: context.requestID)
    }
}
