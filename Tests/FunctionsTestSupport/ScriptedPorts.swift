import CurlEventLoop
import Domain
import FoundationEssentials
import FunctionsShared
import HTTPClient
import Synchronization
import Telemetry

/// A risk engine that says what it is told to, and remembers what it was asked.
public final class ScriptedRiskAssessor: RiskAssessor {
    private struct State {
        var result: Result<RiskAssessment, RiskEngineUnavailable>
        var requests: [RiskRequest] = []
    }

    private let state: Mutex<State>
    private let fate: ProcessFate

    public static let approval = RiskAssessment(decision: .approve, score: 0, reasons: [], engine: .evaluated)
    public static let decline = RiskAssessment(
        decision: .decline, score: 90, reasons: ["blocked_email"], engine: .evaluated)

    public init(
        _ result: Result<RiskAssessment, RiskEngineUnavailable> = .success(ScriptedRiskAssessor.approval),
        fate: ProcessFate = ProcessFate()
    ) {
        state = Mutex(State(result: result))
        self.fate = fate
    }

    /// What it was asked, in order.
    public var requests: [RiskRequest] { state.withLock { $0.requests } }

    /// What it says from now on.
    public func say(_ result: Result<RiskAssessment, RiskEngineUnavailable>) {
        state.withLock { $0.result = result }
    }

    public func assess(_ request: RiskRequest) async throws(RiskEngineUnavailable) -> RiskAssessment {
        await Task.yield()
        do {
            return try fate.step("risk.assess") {
                try state.withLock {
                    $0.requests.append(request)
                    return try $0.result.get()
                }
            }
        } catch let error as RiskEngineUnavailable {
            throw error
        } catch {
            throw RiskEngineUnavailable("\(error)")
        }
    }
}

/// API keys in a dictionary.
public struct FixedAPIKeys: APIKeys {
    private let keys: [String: MerchantID]

    public init(_ keys: [String: MerchantID]) {
        self.keys = keys
    }

    public func merchant(forKey key: String) async throws(RecordStoreError) -> MerchantID? { keys[key] }
}

/// A read store with the views it is given, or none, or an error.
public final class ScriptedReadStore: ChargeReadStore {
    private struct State {
        var charges: [ChargeID: ChargeView] = [:]
        var refunds: [RefundID: RefundView] = [:]
        var error: ReadStoreError?
    }

    private let state = Mutex(State())

    public init() {}

    /// Projects a charge and its refunds.
    public func project(_ view: ChargeView) {
        state.withLock { state in
            state.charges[view.id] = view
            for refund in view.refunds { state.refunds[refund.id] = refund }
        }
    }

    /// Answers everything with an error from now on.
    public func fail(_ error: ReadStoreError) { state.withLock { $0.error = error } }

    public func charge(id: ChargeID, merchantID: MerchantID) async throws(ReadStoreError) -> ChargeView? {
        let (view, error) = state.withLock { ($0.charges[id], $0.error) }
        if let error { throw error }
        return view?.merchantID == merchantID ? view : nil
    }

    public func refund(id: RefundID, merchantID: MerchantID) async throws(ReadStoreError) -> RefundView? {
        let (view, error) = state.withLock { ($0.refunds[id], $0.error) }
        if let error { throw error }
        return view?.merchantID == merchantID ? view : nil
    }
}

/// A secret that can be rotated, counting who asks.
public final class ScriptedSecrets: SecretSource {
    private struct State {
        var cached: String
        var current: String
        var refreshCount = 0
        var error: SecretError?
    }

    private let state: Mutex<State>

    public init(_ secret: String) {
        state = Mutex(State(cached: secret, current: secret))
    }

    /// How often a fresh copy was asked for.
    public var refreshCount: Int { state.withLock { $0.refreshCount } }

    /// Changes the secret; whoever does not refresh keeps the old one.
    public func rotate(to secret: String) { state.withLock { $0.current = secret } }

    /// Gives out nothing from now on.
    public func fail(_ error: SecretError) { state.withLock { $0.error = error } }

    public func secret(_ id: String) async throws(SecretError) -> String {
        let (text, error) = state.withLock { ($0.cached, $0.error) }
        if let error { throw error }
        return text
    }

    public func refreshedSecret(_ id: String) async throws(SecretError) -> String {
        let (text, error) = state.withLock { state in
            state.refreshCount += 1
            state.cached = state.current
            return (state.cached, state.error)
        }
        if let error { throw error }
        return text
    }
}

/// A transport that answers from a script and remembers every request.
public final class ScriptedTransport: HTTPTransport {
    public typealias Answer = @Sendable (HTTPRequest) -> Result<HTTPResponse, HTTPClientError>

    private struct State {
        var answers: [Answer]
        var requests: [HTTPRequest] = []
    }

    private let state: Mutex<State>

    /// - Parameter answers: one per request; the last one goes on for ever.
    public init(_ answers: [Answer]) {
        state = Mutex(State(answers: answers))
    }

    /// Answers every request with one status and JSON text.
    public convenience init(status: Int, json: String, headers: HTTPHeaders = [:]) {
        self.init([Self.json(status, json, headers)])
    }

    /// An answer of JSON text.
    public static func json(_ status: Int, _ text: String, _ headers: HTTPHeaders = [:]) -> Answer {
        { _ in .success(HTTPResponse(status: status, headers: headers, body: Data(text.utf8))) }
    }

    /// No answer.
    public static func failure(_ error: HTTPClientError) -> Answer { { _ in .failure(error) } }

    /// What was sent, in order.
    public var requests: [HTTPRequest] { state.withLock { $0.requests } }

    /// The body of a request as JSON.
    public func document(_ index: Int = 0) -> JSON? {
        let requests = requests
        guard requests.indices.contains(index) else { return nil }
        return requests[index].body.flatMap { JSON(parsing: $0) }
    }

    public func send(_ request: HTTPRequest) async throws(HTTPClientError) -> HTTPResponse {
        let answer: Answer? = state.withLock { state in
            state.requests.append(request)
            return state.answers.count > 1 ? state.answers.removeFirst() : state.answers.first
        }
        guard let answer else { throw .invalidRequest("the script has no answer") }
        return try answer(request).get()
    }
}

/// Collects log lines.
public final class LogCollector: Sendable {
    private let collected = Mutex<[String]>([])

    public init() {}

    /// All lines so far.
    public var lines: [String] { collected.withLock { $0 } }

    /// A logger that writes here.
    public var logger: Logger {
        Logger(minimumLevel: .debug, sink: { line in self.collected.withLock { $0.append(line) } })
    }
}
