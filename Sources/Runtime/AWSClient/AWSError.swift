import HTTPClient
import Wire

/// Why a call to an AWS service gave no result.
public enum AWSError: Error, Sendable {
    /// The environment does not say where AWS is or who is asking; names the setting, never a secret.
    case configuration(String)
    /// The call breaks a documented limit of the service; nothing was sent.
    case invalidRequest(service: AWSService, operation: String, detail: String)
    /// The service answered with an error.
    case service(AWSServiceFailure)
    /// No answer came within the allowed attempts and time; the last attempt's error.
    case transport(service: AWSService, operation: String, HTTPClientError)
    /// The service answered with success and a body that is not what its documentation promises.
    case malformedResponse(service: AWSService, operation: String, detail: String)

    /// The service's own error code, such as `ResourceNotFoundException`; `nil` when the service reported none.
    public var code: String? {
        if case .service(let failure) = self { failure.code } else { nil }
    }

    /// The failure of a DynamoDB write whose condition did not hold; `nil` for every other error.
    public var conditionFailure: AWSServiceFailure? {
        guard case .service(let failure) = self, failure.isConditionFailure else { return nil }
        return failure
    }
}

/// An error a service reported.
public struct AWSServiceFailure: Sendable, Equatable {
    /// The service that answered.
    public var service: AWSService
    /// The operation that was asked for, such as `PutItem`.
    public var operation: String
    /// The error code without namespace, such as `ConditionalCheckFailedException`.
    public var code: String
    /// The service's text; may be empty.
    public var message: String
    /// The HTTP status. An error inside a successful response (a refused Kinesis record) keeps that response's status.
    public var status: Int
    /// The service's identifier of the request, for AWS support.
    public var requestID: String?
    /// DynamoDB transactions: one entry per action in order, `nil` where the action itself was in order.
    public var cancellationReasons: [String?]
    /// DynamoDB condition failures: the item as it is stored, or `nil` when there is none. In a transaction, the item
    /// of the first action that failed.
    public var item: [String: AttributeValue]?
    /// Whether an earlier attempt of this same call may have been carried out although no answer to it arrived.
    ///
    /// A condition failure with this flag set is ambiguous: the condition may have failed because that earlier attempt
    /// had already written. Compare `item` with what was to be written.
    public var followsAmbiguousAttempt: Bool

    /// A failure made of its parts.
    public init(
        service: AWSService, operation: String, code: String, message: String = "", status: Int,
        requestID: String? = nil, cancellationReasons: [String?] = [], item: [String: AttributeValue]? = nil,
        followsAmbiguousAttempt: Bool = false
    ) {
        self.service = service
        self.operation = operation
        self.code = code
        self.message = message
        self.status = status
        self.requestID = requestID
        self.cancellationReasons = cancellationReasons
        self.item = item
        self.followsAmbiguousAttempt = followsAmbiguousAttempt
    }

    /// Whether a DynamoDB condition did not hold, of a single write or of any action in a transaction.
    public var isConditionFailure: Bool {
        code == "ConditionalCheckFailedException"
            || (code == "TransactionCanceledException" && cancellationReasons.contains("ConditionalCheckFailed"))
    }
}

extension AWSError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .configuration(let detail): "AWS configuration: \(detail)"
        case .invalidRequest(let service, let operation, let detail):
            "\(service.rawValue) \(operation): request not sent: \(detail)"
        case .service(let failure): failure.description
        case .transport(let service, let operation, let error): "\(service.rawValue) \(operation): \(error)"
        case .malformedResponse(let service, let operation, let detail):
            "\(service.rawValue) \(operation): malformed response: \(detail)"
        }
    }
}

extension AWSError: SafelyDescribed {
    public var safeDescription: String {
        if case .service(let failure) = self { failure.safeDescription } else { description }
    }
}

extension AWSServiceFailure: CustomStringConvertible {
    /// Leaves `item` out: it holds business data, which has no place in a log.
    public var description: String { description(withMessage: true) }

    /// Leaves the message out, too, where the service refuses the request's own values: it quotes them ("Value 'x' at
    /// 'y' failed to satisfy constraint").
    var safeDescription: String {
        description(withMessage: !["Validation", "Invalid", "Serialization"].contains { code.contains($0) })
    }

    private func description(withMessage: Bool) -> String {
        var text = "\(service.rawValue) \(operation): \(code) (status \(status))"
        if withMessage, !message.isEmpty { text += ": \(message)" }
        if !cancellationReasons.isEmpty {
            text += " [" + cancellationReasons.map { $0 ?? "None" }.joined(separator: ", ") + "]"
        }
        if let requestID { text += ", request \(requestID)" }
        if followsAmbiguousAttempt { text += ", after an attempt with unknown outcome" }
        return text
    }
}
