import Domain
import FoundationEssentials
import FunctionsShared
import LambdaCodable
import LambdaEvents

/// Runs a request at most once per idempotency key, and answers every repetition with the same bytes.
struct IdempotentRun: Sendable {
    static let replayedHeader = "Idempotent-Replayed"

    let store: IdempotencyStore
    let identifiers: any IDGenerator
    let request: MutationRequest

    /// - Parameters:
    ///   - allotting: the names and prefixes of the ids the request needs.
    ///   - body: runs the request. An answer it returns is final and stored, also when it is a refusal; what it throws
    ///     leaves the request unfinished, to be resumed.
    func callAsFunction(
        allotting idPrefixes: [String: String],
        body: @Sendable (IdempotencyTicket) async throws(APIError) -> StoredResponse
    ) async throws(APIError) -> ALBResponse {
        switch try await begin(idPrefixes) {
        case .replay(let response):
            return answer(response, isReplay: true)
        case .inProgress(let seconds):
            throw APIError(
                status: 409, kind: .idempotency, code: "idempotency_in_progress",
                message: "A request with this idempotency key is being processed. Repeat it after the given time.",
                headers: ["Retry-After": String(max(seconds, 1))])
        case .keyReused:
            throw APIError(
                status: 422, kind: .idempotency, code: "idempotency_key_reused",
                message: "This idempotency key was used for another request. Use a new key for a new operation.",
                parameter: MutationRequest.keyHeader)
        case .run(let ticket):
            return answer(try await run(ticket, body), isReplay: false)
        }
    }

    private func begin(_ idPrefixes: [String: String]) async throws(APIError) -> IdempotencyDecision {
        do {
            return try await store.begin(
                merchantID: request.merchantID, key: request.idempotencyKey, fingerprint: request.fingerprint
            ) { idPrefixes.mapValues(identifiers.make(prefix:)) }
        } catch {
            throw unavailable(error)
        }
    }

    private func run(
        _ ticket: IdempotencyTicket, _ body: @Sendable (IdempotencyTicket) async throws(APIError) -> StoredResponse
    ) async throws(APIError) -> StoredResponse {
        let response: StoredResponse
        do {
            response = try await body(ticket)
        } catch {
            await store.endLease(ticket)
            throw error
        }
        do {
            return try await store.finish(ticket, with: response)
        } catch {
            await store.endLease(ticket)
            throw unavailable(error)
        }
    }

    private func unavailable(_ error: RecordStoreError) -> APIError {
        request.logger.error("idempotency records", ["detail": .string(error.detail)])
        return .unavailable()
    }

    private func answer(_ response: StoredResponse, isReplay: Bool) -> ALBResponse {
        HTTPAnswer.json(
            status: response.status, body: response.body, requestID: request.requestID,
            headers: isReplay ? [Self.replayedHeader: "true"] : [:])
    }
}
