import CurlEventLoop
import Foundation
import HTTPClient
import Synchronization
import Testing

@testable import LocalEmulator

/// A clock that stands still until a test moves it.
final class ManualClock: Sendable {
    private let milliseconds: Mutex<Int64>

    init(_ milliseconds: Int64 = 1_700_000_000_000) { self.milliseconds = Mutex(milliseconds) }

    var now: @Sendable () -> Int64 { { self.milliseconds.withLock { $0 } } }

    func advance(seconds: Int64) { milliseconds.withLock { $0 += seconds * 1000 } }
}

/// What a JSON service answered.
struct WireAnswer: Sendable {
    let status: Int
    let headers: HTTPHeaders
    let body: JSONValue

    subscript(key: String) -> JSONValue? { body[key] }

    /// The error's name without its namespace; `nil` for a success.
    var errorCode: String? { body["__type"]?.stringValue?.split(separator: "#").last.map(String.init) }
    var message: String? { body["message"]?.stringValue ?? body["Message"]?.stringValue }
}

/// Calls a JSON service as a client would, without the sockets.
struct WireClient: Sendable {
    let service: any AWSService
    let targetPrefix: String

    @discardableResult
    func call(_ operation: String, _ input: JSONValue = [:]) throws -> WireAnswer {
        let request = HTTPServerRequest(
            method: "POST", target: "/",
            headers: ["X-Amz-Target": "\(targetPrefix).\(operation)", "Content-Type": "application/x-amz-json-1.0"],
            body: input.serialized())
        return try WireClient.answer(service.handle(request))
    }

    static func answer(_ response: HTTPServerResponse) throws -> WireAnswer {
        guard case .reply(let status, let headers, let body) = response else {
            Issue.record("the service did not reply")
            return WireAnswer(status: 0, headers: [:], body: .null)
        }
        return WireAnswer(status: status, headers: headers, body: try JSONValue(parsing: body))
    }
}

/// Runs a blocking closure on a thread of its own and lets the test wait for its result.
final class Background<Value: Sendable>: Sendable {
    private let result = Monitor<Value?>(nil)

    init(_ body: @escaping @Sendable () -> Value) {
        Thread { [result] in
            let value = body()
            result.withLock { $0 = value }
        }.start()
    }

    /// The result, or `nil` when it does not come within ten seconds.
    func value() -> Value? {
        result.wait(untilMilliseconds: EmulatorClock.nowMilliseconds() + 10_000) { $0 }
    }

    /// The result if it is there already.
    func peek() -> Value? { result.read { $0 } }
}
