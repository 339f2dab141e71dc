import Domain
import FoundationEssentials
import HTTPClient

/// Stripe's transport: authentication, version, idempotency key, and the sorting of answers.
struct StripeClient: Sendable {
    /// An answer that is not "nothing was attempted".
    enum Answer: Sendable, Equatable {
        /// A 2xx answer with a JSON document.
        case document(JSON)
        /// A definitive refusal, or an outcome nobody knows.
        case refused(GatewayOutcome)
    }

    /// The limit on look-up, connecting and TLS.
    private static let maximumConnectTimeoutMilliseconds = 5_000
    /// A longer pause than this is not worth remembering: the queue's own visibility timeout comes first.
    private static let maximumRetryAfterMilliseconds = 15 * 60 * 1000
    private static let userAgent = "fincore-payments/1"

    let transport: any HTTPTransport
    let secrets: any SecretSource
    let secretID: String
    let baseURL: String
    /// The limit on a whole call, a repetition included.
    let timeoutMilliseconds: Int
    /// A clock that never goes back, for that limit.
    let uptimeMilliseconds: @Sendable () -> Int64

    /// Sends a request that changes something; the idempotency key makes its repetition harmless.
    func post(
        _ path: String, body: StripeFormBody, idempotencyKey: String
    ) async throws(GatewayNotAttempted) -> Answer {
        var request = request(method: "POST", path: path)
        request.headers["Content-Type"] = "application/x-www-form-urlencoded"
        request.headers["Idempotency-Key"] = idempotencyKey
        request.body = body.encoded()
        return try await send(request, errorMeaning: StripeOutcomes.refusal)
    }

    /// Reads one object. The id is escaped: it came from outside.
    func get(_ collection: String, id: String) async throws(GatewayNotAttempted) -> Answer {
        var escaped: [UInt8] = []
        StripeFormBody.appendEscaped(id, to: &escaped)
        return try await send(
            request(method: "GET", path: collection + String(decoding: escaped, as: UTF8.self)),
            errorMeaning: StripeOutcomes.unanswered)
    }

    private func request(method: String, path: String) -> HTTPRequest {
        HTTPRequest(
            method: method, url: baseURL + path,
            headers: ["Stripe-Version": StripeGateway.apiVersion, "User-Agent": Self.userAgent],
            timeoutMilliseconds: timeoutMilliseconds,
            connectTimeoutMilliseconds: min(Self.maximumConnectTimeoutMilliseconds, timeoutMilliseconds))
    }

    /// One of the tables of `StripeOutcomes`: what status, pause asked for, and error mean.
    private typealias ErrorMeaning = @Sendable (Int, Int?, StripeError?) -> StripeOutcomes.Refusal

    /// One request, and at most one more within the time that is left: with a fresh API key when the first was refused,
    /// or unchanged when its connection broke. A connection kept open while Lambda froze the process is often dead at
    /// its next use (D-32); the idempotency key makes the repetition harmless.
    private func send(
        _ request: HTTPRequest, errorMeaning: ErrorMeaning
    ) async throws(GatewayNotAttempted) -> Answer {
        let start = uptimeMilliseconds()
        let key = try await apiKey(isRefused: false)
        let first = await sendOnce(request, apiKey: key, errorMeaning)
        var second = request
        second.timeoutMilliseconds = timeoutMilliseconds - Int(uptimeMilliseconds() - start)
        guard second.timeoutMilliseconds > 0 else { return try Self.settle(first) }
        switch first {
        case .document, .outcome, .notAttempted:
            return try Self.settle(first)
        case .unauthorized:
            return try Self.settle(await sendOnce(second, apiKey: try await apiKey(isRefused: true), errorMeaning))
        case .connectionLost(let lost):
            return Self.settle(await sendOnce(second, apiKey: key, errorMeaning), afterLosing: lost)
        }
    }

    private enum Exchange {
        case document(JSON)
        case outcome(GatewayOutcome)
        case notAttempted(GatewayNotAttempted)
        case unauthorized(GatewayNotAttempted)
        case connectionLost(GatewayOutcome)
    }

    private static func settle(_ exchange: Exchange) throws(GatewayNotAttempted) -> Answer {
        switch exchange {
        case .document(let document): return .document(document)
        case .outcome(let outcome), .connectionLost(let outcome): return .refused(outcome)
        case .notAttempted(let reason), .unauthorized(let reason): throw reason
        }
    }

    /// What two requests under one key lead to, of which the first was never answered. An answer that Stripe keeps for
    /// the key is the first one's answer too; that the second one was not executed says nothing about the first.
    private static func settle(_ second: Exchange, afterLosing first: GatewayOutcome) -> Answer {
        switch second {
        case .document(let document): .document(document)
        case .outcome(.declined(let decline)) where decline.reach == .request: .refused(first)
        case .outcome(let outcome), .connectionLost(let outcome): .refused(outcome)
        case .notAttempted, .unauthorized: .refused(first)
        }
    }

    private func sendOnce(_ request: HTTPRequest, apiKey: String, _ errorMeaning: ErrorMeaning) async -> Exchange {
        var request = request
        request.headers["Authorization"] = "Bearer " + apiKey
        do {
            return Self.exchange(try await transport.send(request), errorMeaning)
        } catch {
            let exchange = Self.exchange(StripeOutcomes.refusal(transport: error))
            if case .connectionLost = error, case .outcome(let outcome) = exchange { return .connectionLost(outcome) }
            return exchange
        }
    }

    private static func exchange(_ response: HTTPResponse, _ errorMeaning: ErrorMeaning) -> Exchange {
        guard (200...299).contains(response.status) else {
            return exchange(
                errorMeaning(
                    response.status, retryAfterMilliseconds(response.headers["Retry-After"]),
                    JSON(parsing: response.body)?["error"].flatMap(StripeError.init)))
        }
        // An answer cut short or not JSON says nothing about what Stripe did.
        guard let document = JSON(parsing: response.body) else {
            return .outcome(.unknown(detail: "HTTP \(response.status) with a body that is not JSON"))
        }
        return .document(document)
    }

    private static func exchange(_ refusal: StripeOutcomes.Refusal) -> Exchange {
        switch refusal {
        case .outcome(let outcome): .outcome(outcome)
        case .notAttempted(let reason): .notAttempted(reason)
        case .unauthorized(let reason): .unauthorized(reason)
        }
    }

    private func apiKey(isRefused: Bool) async throws(GatewayNotAttempted) -> String {
        do {
            let secret =
                isRefused ? try await secrets.refreshedSecret(secretID) : try await secrets.secret(secretID)
            return try StripeCredentials(secret: secret, id: secretID).apiKey
        } catch {
            throw GatewayNotAttempted(reason: "no API key: \(error.detail)", retryAfterMilliseconds: nil)
        }
    }

    /// Seconds, as Stripe sends it; the date form of RFC 9110 is not used there and means no advice here.
    static func retryAfterMilliseconds(_ header: String?) -> Int? {
        guard let header, let seconds = Double(header), seconds >= 0, seconds.isFinite else { return nil }
        return Int(min(seconds * 1000, Double(maximumRetryAfterMilliseconds)))
    }
}
