import CurlEventLoop
import Foundation
import HTTPClient
import LocalEmulator

/// What a merchant's own program would do: call the public API and repeat a request that got no answer, under the
/// same idempotency key.
final class MerchantClient {
    /// One answer.
    struct Answer {
        let status: Int
        let headers: HTTPHeaders
        let body: Data

        /// The body as JSON; `null` when it is none.
        var json: JSONValue { (try? JSONValue(parsing: body)) ?? .null }
    }

    /// No answer within the time a merchant would wait.
    struct NoAnswer: Error, CustomStringConvertible {
        let request: String
        let last: String

        var description: String { "\(request) got no answer within \(giveUpSeconds) s; last: \(last)" }
    }

    private static let giveUpSeconds = 30
    private static let pauseMilliseconds = 100

    private let base: String
    private let key: String
    private let loop = EventLoop()
    private let client: HTTPClient

    init(base: String, key: String) {
        self.base = base
        self.key = key
        client = HTTPClient(loop: loop)
    }

    /// Posts a document; the key makes repeating it safe.
    func post(_ path: String, _ body: JSONValue, idempotencyKey: String) throws -> Answer {
        try send("POST", path, body.serialized(), idempotencyKey)
    }

    /// Reads a resource.
    func get(_ path: String) throws -> Answer {
        try send("GET", path, nil, nil)
    }

    /// Reads a resource again and again until it is as wanted.
    ///
    /// - Returns: the last answer, wanted or not.
    func poll(_ path: String, until isWanted: (JSONValue) -> Bool) throws -> Answer {
        let deadline = Date().addingTimeInterval(Double(Self.giveUpSeconds))
        while true {
            let answer = try get(path)
            if isWanted(answer.json) || Date() > deadline { return answer }
            pause()
        }
    }

    private func send(_ method: String, _ path: String, _ body: Data?, _ idempotencyKey: String?) throws -> Answer {
        var headers: HTTPHeaders = ["Authorization": "Bearer \(key)"]
        if body != nil { headers["Content-Type"] = "application/json" }
        headers["Idempotency-Key"] = idempotencyKey
        let request = HTTPRequest(method: method, url: base + path, headers: headers, body: body)
        let deadline = Date().addingTimeInterval(Double(Self.giveUpSeconds))
        var last = ""
        while Date() < deadline {
            let client = self.client
            do {
                let response = try loop.run { try await client.send(request) }
                let answer = Answer(status: response.status, headers: response.headers, body: response.body)
                guard Self.isTransient(answer) else { return answer }
                last = "status \(answer.status)"
            } catch let error as HTTPClientError {
                last = "\(error)"
            }
            pause()
        }
        throw NoAnswer(request: "\(method) \(path)", last: last)
    }

    /// Gateway errors, and "this key is being worked on": ask again with the same key.
    private static func isTransient(_ answer: Answer) -> Bool {
        if (500...599).contains(answer.status) { return true }
        return answer.status == 409 && answer.json["error"]?["code"] == "idempotency_in_progress"
    }

    private func pause() {
        let loop = self.loop
        try? loop.run { await loop.sleep(milliseconds: Self.pauseMilliseconds) }
    }
}
