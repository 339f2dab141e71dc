import CurlEventLoop
import Foundation
import HTTPClient

/// A stateful stand-in for Stripe that speaks its wire format: payment intents, refunds, signed webhooks, idempotency
/// keys and settlement files.
///
/// It shares no code with the gateway it is there to test. Besides Stripe's own paths it serves a control interface
/// under `/_sandbox/`, which needs no key: it listens on loopback only.
public final class StripeSandbox: Sendable {
    struct State: Sendable {
        var account = StripeAccount()
        var idempotency = StripeIdempotencyStore()
    }

    private let apiKey: String
    let settlementDirectory: String?
    let nowMilliseconds: @Sendable () -> Int64
    let state = Monitor(State())
    let sender: StripeWebhookSender

    /// Makes an empty account.
    ///
    /// - Parameters:
    ///   - apiKey: the secret key callers must present, for example `sk_test_…`.
    ///   - webhookSecret: the endpoint's signing secret, `whsec_…`.
    ///   - webhookURL: where webhooks go, asked anew for each; `nil` delivers none.
    ///   - settlementDirectory: where settlement files are written; `nil` writes none.
    ///   - nowMilliseconds: the clock of everything the sandbox dates, milliseconds since 1970.
    public init(
        apiKey: String, webhookSecret: String, webhookURL: @escaping @Sendable () -> String?,
        settlementDirectory: String? = nil,
        nowMilliseconds: @escaping @Sendable () -> Int64 = EmulatorClock.nowMilliseconds
    ) {
        self.apiKey = apiKey
        self.settlementDirectory = settlementDirectory
        self.nowMilliseconds = nowMilliseconds
        sender = StripeWebhookSender(secret: webhookSecret, endpoint: webhookURL, nowMilliseconds: nowMilliseconds)
    }

    deinit { sender.stop() }

    /// Stops delivering webhooks; what waits is not delivered any more.
    public func stop() {
        sender.stop()
    }

    /// Answers one request, to the API or to the control interface.
    public func handle(_ request: HTTPServerRequest) -> HTTPServerResponse {
        if request.path.hasPrefix(StripeControl.prefix) { return StripeControl(sandbox: self).handle(request) }
        return answer(request)
    }
}

extension StripeSandbox {
    private func answer(_ request: HTTPServerRequest) -> HTTPServerResponse {
        let version = request.headers["Stripe-Version"] ?? StripeEvent.apiVersion
        let isPost = request.method == "POST"
        let key = isPost ? request.headers["Idempotency-Key"] : nil
        let context = StripeCallContext(
            now: nowMilliseconds() / 1000, requestID: StripeIdentifier.make("req"), idempotencyKey: key,
            apiVersion: version, baseURL: "http://" + (request.headers["Host"] ?? "127.0.0.1"))
        var headers: HTTPHeaders = ["Stripe-Version": version]
        headers["Request-Id"] = context.requestID
        headers["Idempotency-Key"] = key
        let reply: Reply
        do {
            try authenticate(request)
            let (endpoint, form) = try interpret(request, version: version)
            let call = StripeIdempotencyStore.Call(method: request.method, path: request.path, form: form)
            reply = key.map { executeOnce($0, call, endpoint, context) } ?? execute(call, endpoint, context)
        } catch {
            reply = Reply(status: error.status, body: error.body.serialized(pretty: true))
        }
        guard !reply.isLost else { return .hang }
        headers["Content-Type"] = "application/json"
        if let original = reply.replayOf {
            headers["Idempotent-Replayed"] = "true"
            headers["Original-Request"] = original
        }
        return .reply(status: reply.status, headers: headers, body: reply.body)
    }

    private struct Reply {
        var status: Int
        var body: Data
        /// The fault "commit, then never answer".
        var isLost = false
        /// Whether the endpoint had begun to execute, so that the answer belongs to the idempotency key.
        var endpointBegan = false
        /// The request whose answer this repeats.
        var replayOf: String?
    }

    /// Accepts `Bearer KEY` and, as Stripe does, `Basic base64(KEY:)`.
    private func authenticate(_ request: HTTPServerRequest) throws(StripeError) {
        let parts = (request.headers["Authorization"] ?? "").split(separator: " ", maxSplits: 1).map(String.init)
        guard parts.count == 2 else { throw .keyMissing }
        let key: String
        switch parts[0].lowercased() {
        case "bearer": key = parts[1]
        case "basic":
            let decoded = Data(base64Encoded: parts[1]).map { String(decoding: $0, as: UTF8.self) } ?? ""
            key = String(decoded.prefix { $0 != ":" })
        default: throw .keyMissing
        }
        guard key == apiKey else { throw .keyInvalid(key) }
    }

    private func interpret(
        _ request: HTTPServerRequest, version: String
    ) throws(StripeError) -> (StripeEndpoint, StripeForm) {
        guard Self.isVersion(version) else { throw .invalidParameter("Invalid Stripe API version: \(version)") }
        guard let endpoint = StripeEndpoint(method: request.method, path: request.pathSegments) else {
            throw .invalidParameter(
                "Unrecognized request URL (\(request.method): \(request.path)).", status: 404)
        }
        let isPost = request.method == "POST"
        let type = request.headers["Content-Type"] ?? "application/x-www-form-urlencoded"
        guard !isPost || request.body.isEmpty || type.hasPrefix("application/x-www-form-urlencoded") else {
            throw .invalidParameter(
                "Invalid request (check that your POST content type is application/x-www-form-urlencoded).")
        }
        do {
            let text = isPost ? String(decoding: request.body, as: UTF8.self) : request.query
            return (endpoint, try StripeForm.decoding(text))
        } catch {
            throw .invalidParameter(error.reason)
        }
    }

    /// `2023-10-16`, or a named release such as `2026-06-24.dahlia`.
    private static func isVersion(_ text: String) -> Bool {
        UTCTime.firstSecond(ofDay: String(text.prefix { $0 != "." })) != nil
    }

    private func executeOnce(
        _ key: String, _ call: StripeIdempotencyStore.Call, _ endpoint: StripeEndpoint, _ context: StripeCallContext
    ) -> Reply {
        let now = nowMilliseconds()
        switch state.withLock({ $0.idempotency.admit(key, call, nowMilliseconds: now) }) {
        case .replay(let answer):
            return Reply(status: answer.status, body: answer.body, replayOf: answer.requestID)
        case .refuse(let error):
            return Reply(status: error.status, body: error.body.serialized(pretty: true))
        case .execute:
            let reply = execute(call, endpoint, context)
            state.withLock { state in
                if reply.endpointBegan {
                    state.idempotency.finish(
                        key, .init(status: reply.status, body: reply.body, requestID: context.requestID ?? ""))
                } else {
                    state.idempotency.release(key)
                }
            }
            return reply
        }
    }

    private func execute(
        _ call: StripeIdempotencyStore.Call, _ endpoint: StripeEndpoint, _ context: StripeCallContext
    ) -> Reply {
        let result = change { account throws(StripeError) in
            try account.perform(endpoint, StripeParameters(call.form), context)
        }
        switch result {
        case .success(let outcome):
            return Reply(
                status: 200, body: outcome.object.serialized(pretty: true), isLost: outcome.answerIsLost,
                endpointBegan: true)
        case .failure(let error):
            return Reply(
                status: error.status, body: error.body.serialized(pretty: true), endpointBegan: error.endpointBegan)
        }
    }

    /// Changes the account and queues the webhooks of what happened, in the order it happened.
    func change<Value>(
        _ body: (inout StripeAccount) throws(StripeError) -> Value
    ) -> Result<Value, StripeError> {
        state.withLock { state in
            let known = state.account.events.count
            defer { sender.enqueue(state.account.events.newerThan(first: known)) }
            do throws(StripeError) {
                return .success(try body(&state.account))
            } catch {
                return .failure(error)
            }
        }
    }
}
