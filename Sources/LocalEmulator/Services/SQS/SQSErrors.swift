import Foundation

/// The errors of SQS with both of their names: the JSON protocol's and the older query protocol's.
enum SQSErrors {
    /// Generic errors live in the framework's namespace, SQS's own in its own.
    static func typeNamespace(_ code: String) -> String {
        genericCodes.contains(code) ? "com.amazon.coral.service#" : "com.amazonaws.sqs#"
    }

    private static let genericCodes: Set<String> = [
        "InvalidParameterValueException", "MissingRequiredParameterException", "SerializationException",
        "UnknownOperationException",
    ]

    static func queueDoesNotExist() -> AWSServiceError {
        AWSServiceError(
            "QueueDoesNotExist", "The specified queue does not exist.",
            queryCode: "AWS.SimpleQueueService.NonExistentQueue")
    }

    static func queueNameExists(differing attribute: String) -> AWSServiceError {
        AWSServiceError(
            "QueueNameExists",
            "A queue already exists with the same name and a different value for attribute \(attribute)",
            queryCode: "QueueAlreadyExists")
    }

    static func missingParameter(_ name: String) -> AWSServiceError {
        AWSServiceError(
            "MissingRequiredParameterException", "The request must contain the parameter \(name).",
            queryCode: "MissingParameter")
    }

    static func invalidParameter(_ message: String) -> AWSServiceError {
        AWSServiceError("InvalidParameterValueException", message, queryCode: "InvalidParameterValue")
    }

    static func invalidParameter(_ name: String, value: String, reason: String) -> AWSServiceError {
        invalidParameter("Value \(value) for parameter \(name) is invalid. Reason: \(reason)")
    }

    static func unknownAttribute(_ name: String) -> AWSServiceError {
        AWSServiceError("InvalidAttributeName", "Unknown Attribute \(name).", queryCode: "InvalidAttributeName")
    }

    static func invalidAttribute(_ name: String) -> AWSServiceError {
        AWSServiceError(
            "InvalidAttributeValue", "Invalid value for the parameter \(name).", queryCode: "InvalidAttributeValue")
    }

    static func invalidReceiptHandle(_ handle: String) -> AWSServiceError {
        AWSServiceError(
            "ReceiptHandleIsInvalid", "The input receipt handle \"\(handle)\" is not a valid receipt handle.",
            queryCode: "ReceiptHandleIsInvalid")
    }

    static func expiredReceiptHandle(_ handle: String) -> AWSServiceError {
        invalidParameter("ReceiptHandle", value: handle, reason: "The receipt handle has expired.")
    }

    static func messageNotInFlight() -> AWSServiceError {
        AWSServiceError(
            "MessageNotInflight", "The message referred to is not in flight.",
            queryCode: "AWS.SimpleQueueService.MessageNotInflight")
    }

    static func overLimit(_ queue: String) -> AWSServiceError {
        AWSServiceError(
            "OverLimit",
            "Too many messages in flight for the queue \(queue); at most \(SQSLimits.inFlightMessages) are allowed.",
            status: 403, queryCode: "OverLimit")
    }

    static func batch(_ code: String, _ message: String) -> AWSServiceError {
        AWSServiceError(code, message, queryCode: "AWS.SimpleQueueService.\(code)")
    }
}
