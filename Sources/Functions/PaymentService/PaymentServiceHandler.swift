import Domain
import FoundationEssentials
import FunctionsShared
import LambdaCodable
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
        let fingerprints: RequestFingerprint
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
        let trace = TracingContext(
            header: event.header(TracingContext.headerName), identifiers: ports.identifiers)
        let call = APICall(
            event: event, trace: trace, requestID: context.requestID,
            logger: context.logger.with(["trace_id": .string(trace.traceID)]))
        do {
            let response = try await respond(to: call)
            log(call, status: response.statusCode, code: nil)
            return response
        } catch {
            log(call, status: error.status, code: error.code)
            return error.response(requestID: context.requestID)
        }
    }

    private func log(_ call: APICall, status: Int, code: String?) {
        var fields: [String: LogValue] = [
            "method": .string(call.event.httpMethod), "path": .string(call.event.path), "status": .integer(status),
        ]
        if let code { fields["code"] = .string(code) }
        if status >= 500 { call.logger.error("request failed", fields) } else { call.logger.info("request", fields) }
    }

    private func respond(to call: APICall) async throws(APIError) -> ALBResponse {
        switch try Route(method: call.event.httpMethod, path: call.event.path) {
        case .health:
            return ok(["status": "ok"], call)
        case .createCharge:
            let request = try await mutation(call)
            return try await createCharge(try ChargeRequest(request.members), request)
        case .createRefund:
            let request = try await mutation(call)
            return try await createRefund(try RefundRequest(request.members), request)
        case .charge(let id):
            let view = try await reading(call).charge(id, try await merchant(call))
            return ok(view.document(includingHistory: true), call)
        case .refund(let id):
            return ok(try await reading(call).refund(id, try await merchant(call)).document, call)
        }
    }

    private func createCharge(_ charge: ChargeRequest, _ request: MutationRequest) async throws(APIError) -> ALBResponse
    {
        let creation = ChargeCreation(ports: ports, riskUnavailablePolicy: riskUnavailablePolicy, request: request)
        let run = IdempotentRun(store: ports.idempotency, identifiers: ports.identifiers, request: request)
        return try await run(allotting: ChargeCreation.idPrefixes) { ticket throws(APIError) in
            try await creation.run(charge, ticket)
        }
    }

    private func createRefund(_ refund: RefundRequest, _ request: MutationRequest) async throws(APIError) -> ALBResponse
    {
        let creation = RefundCreation(ports: ports, request: request)
        let run = IdempotentRun(store: ports.idempotency, identifiers: ports.identifiers, request: request)
        return try await run(allotting: RefundCreation.idPrefixes) { ticket throws(APIError) in
            try await creation.run(refund, ticket)
        }
    }

    private func mutation(_ call: APICall) async throws(APIError) -> MutationRequest {
        try await MutationRequest(call, merchantID: try await merchant(call), fingerprints: ports.fingerprints)
    }

    private func merchant(_ call: APICall) async throws(APIError) -> MerchantID {
        try await Authentication.merchant(of: call, keys: ports.apiKeys)
    }

    private func reading(_ call: APICall) -> ChargeReading {
        ChargeReading(
            readStore: ports.readStore, events: ports.events, refundDirectory: ports.refundDirectory,
            logger: call.logger)
    }

    private func ok(_ document: JSON, _ call: APICall) -> ALBResponse {
        HTTPAnswer.json(status: 200, body: document.serialized(), requestID: call.requestID)
    }
}

/// One request to the API and what accompanies it through the code.
struct APICall: Sendable {
    let event: ALBRequest
    let trace: TracingContext
    let requestID: String
    let logger: Logger
}
