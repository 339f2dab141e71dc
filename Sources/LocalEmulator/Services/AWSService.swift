import Foundation

/// One AWS service on the local endpoint: it reads the service's own wire protocol and answers in it.
public protocol AWSService: Sendable {
    /// The service's name in a signature's credential scope, for example `sqs`.
    var signingName: String { get }

    /// Answers one request. Runs on the connection's thread, concurrently with others, and may block (long polling).
    ///
    /// Every failure is answered in the service's error shape; nothing a client sends ends the process.
    func handle(_ request: HTTPServerRequest) -> HTTPServerResponse
}

/// A failure as an AWS service reports it to its client.
public struct AWSServiceError: Error, Sendable, Equatable {
    /// The error's name in the service's API model, for example `ResourceNotFoundException`.
    public var code: String
    /// What was wrong, naming the offending input.
    public var message: String
    /// The HTTP status that carries it.
    public var status: Int
    /// The older name that clients of a formerly XML-speaking service expect (SQS: header `x-amzn-query-error`).
    public var queryCode: String?
    /// Further members of the error document, for example DynamoDB's `CancellationReasons`.
    public var details: [String: JSONValue]

    /// Makes an error; the status is 400 unless the service says otherwise.
    public init(
        _ code: String, _ message: String, status: Int = 400, queryCode: String? = nil,
        details: [String: JSONValue] = [:]
    ) {
        self.code = code
        self.message = message
        self.status = status
        self.queryCode = queryCode
        self.details = details
    }
}

/// Where the services pretend to live: the account and region of every ARN they hand out.
public struct AWSAccount: Sendable, Hashable {
    /// The twelve digits of the account.
    public let id: String
    /// The region, for example `eu-central-1`.
    public let region: String

    /// Makes an account.
    public init(id: String, region: String) {
        self.id = id
        self.region = region
    }

    /// `arn:aws:<service>:<region>:<account>:<resource>`.
    public func arn(_ service: String, _ resource: String) -> String {
        "arn:aws:\(service):\(region):\(id):\(resource)"
    }
}

extension Monitor {
    /// Like `withLock`, keeping the error's type: `rethrows` would widen it to `any Error`.
    func transaction<Value>(
        _ body: (inout State) throws(AWSServiceError) -> Value
    ) throws(AWSServiceError) -> Value {
        let outcome: Result<Value, AWSServiceError> = withLock { state in
            do throws(AWSServiceError) {
                return .success(try body(&state))
            } catch {
                return .failure(error)
            }
        }
        return try outcome.get()
    }
}
