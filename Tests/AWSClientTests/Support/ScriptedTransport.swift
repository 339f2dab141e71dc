import CurlEventLoop
import Foundation
import HTTPClient
import Synchronization
import Testing

@testable import AWSClient

/// A transport that answers from a script and keeps what it was asked.
final class ScriptedTransport: HTTPTransport {
    /// What happens to one request.
    enum Step: Sendable {
        case answer(HTTPResponse)
        case fail(HTTPClientError)

        static func json(_ body: String, status: Int = 200, headers: HTTPHeaders = [:]) -> Step {
            .answer(HTTPResponse(status: status, headers: headers, body: Data(body.utf8)))
        }

        static func error(_ code: String, status: Int = 400) -> Step {
            .json(#"{"__type":"com.amazonaws.example#\#(code)","message":"no"}"#, status: status)
        }
    }

    private struct State {
        var steps: [Step]
        var requests: [HTTPRequest] = []
    }

    private let state: Mutex<State>

    init(_ steps: [Step]) {
        state = Mutex(State(steps: steps))
    }

    var requests: [HTTPRequest] { state.withLock { $0.requests } }

    func send(_ request: HTTPRequest) async throws(HTTPClientError) -> HTTPResponse {
        let step: Step? = state.withLock { state in
            state.requests.append(request)
            return state.steps.isEmpty ? nil : state.steps.removeFirst()
        }
        switch step {
        case .answer(let response): return response
        case .fail(let error): throw error
        case nil: throw .invalidRequest("the script has no step for request \(requests.count)")
        }
    }
}

/// A client on a scripted transport and a clock that only sleeping moves.
struct ScriptedAWS {
    let client: AWSClient
    let transport: ScriptedTransport
    let clock: VirtualClock

    /// - Parameter jitter: which part of the longest pause to take; 1 takes all of it.
    init(
        _ steps: [ScriptedTransport.Step], policy: RetryPolicy = .standard, endpoint: String? = nil,
        jitter: Double = 1
    ) throws {
        let transport = ScriptedTransport(steps)
        let clock = VirtualClock()
        self.transport = transport
        self.clock = clock
        client = AWSClient(
            configuration: try AWSConfiguration(
                region: "eu-central-1", credentials: AWSCredentials(accessKeyID: "AKID", secretAccessKey: "secret"),
                endpoint: endpoint),
            transport: transport, now: { Date(timeIntervalSince1970: 1_440_938_160) }, retryPolicy: policy,
            uptimeMilliseconds: { clock.milliseconds }, random: { Int(Double($0.upperBound) * jitter) },
            sleep: { clock.advance(milliseconds: $0) })
    }

    /// The JSON body of a request, for comparing and looking into.
    func jsonBody(_ index: Int = 0) throws -> NSDictionary {
        let requests = transport.requests
        try #require(index < requests.count)
        return try #require(try JSONSerialization.jsonObject(with: requests[index].body ?? Data()) as? NSDictionary)
    }
}

/// Time that passes only when somebody sleeps.
final class VirtualClock: Sendable {
    private let state = Mutex((milliseconds: Int64(1_000), pauses: [Int]()))

    var milliseconds: Int64 { state.withLock { $0.milliseconds } }
    var pauses: [Int] { state.withLock { $0.pauses } }

    func advance(milliseconds: Int) {
        state.withLock {
            $0.milliseconds += Int64(milliseconds)
            $0.pauses.append(milliseconds)
        }
    }
}
