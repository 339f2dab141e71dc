import CurlEventLoop
import Foundation

/// A body posted to `/response` or `/error`, judged: what the caller gets, and what the runtime is told.
struct FunctionReply {
    /// What came of the invocation.
    private(set) var outcome: InvocationOutcome
    /// The answer to the runtime.
    let answer: HTTPServerResponse
    /// Whether the invocation is answered. AWS leaves a runtime with an invalid mode header where it is, for good.
    var isComplete = true

    /// Judges a response (RIE `handler/invocationresponse.go`, `directinvoke/directinvoke.go`).
    ///
    /// - Parameter takesStream: whether the caller takes a stream, for which the larger limit holds.
    static func response(_ request: HTTPServerRequest, takesStream: Bool) -> FunctionReply {
        let mode = request.headers[RuntimeHeader.responseMode]
        guard mode == nil || mode == "" || mode == "streaming" else {
            return FunctionReply(
                outcome: .failure(
                    type: "Runtime.InvalidResponseModeHeader",
                    message: "The response mode header names no mode that there is"),
                answer: RuntimeAPIAnswer.invalidResponseMode, isComplete: false)
        }
        let isStreamed = mode == "streaming"
        let limit =
            isStreamed && takesStream ? RuntimeLimits.streamedResponseBytes : RuntimeLimits.bufferedResponseBytes
        var reply = judged(request, limit: limit) {
            let contentType = request.headers["Content-Type"] ?? "application/json"
            return trailedError(request)
                ?? .response(request.body, contentType: contentType, isStreamed: isStreamed)
        }
        if isStreamed && reply.outcome.errorType != nil {
            reply.outcome.isStreamed = true
            reply.outcome.streamedBeforeError = Data(request.body.prefix(limit))
        }
        return reply
    }

    /// Judges an error report (RIE `handler/invocationerror.go`).
    static func error(_ request: HTTPServerRequest) -> FunctionReply {
        judged(request, limit: RuntimeLimits.bufferedResponseBytes) {
            let type = FunctionErrorType.recorded(request.headers[RuntimeHeader.errorType])
            if request.headers["Content-Type"] == CausedError.contentType {
                let error = CausedError(request.body)
                var outcome = InvocationOutcome.failure(
                    type: type, document: error.document, contentType: error.documentType)
                outcome.errorCause = error.cause
                return outcome
            }
            var outcome = InvocationOutcome.failure(
                type: type, document: request.body,
                contentType: request.headers["Content-Type"] ?? "application/json")
            outcome.errorCause = request.headers[RuntimeHeader.errorCause].flatMap {
                ErrorCause.accepted(Data($0.utf8))
            }
            return outcome
        }
    }

    /// What holds for every body: it must be whole and not too large.
    private static func judged(
        _ request: HTTPServerRequest, limit: Int, _ outcome: () -> InvocationOutcome
    ) -> FunctionReply {
        if request.bodyCompleteness == .truncated {
            return FunctionReply(
                outcome: .failure(
                    type: "Runtime.TruncatedResponse", message: "The response ended before it was complete"),
                answer: RuntimeAPIAnswer.truncated)
        }
        if request.bodyCompleteness == .tooLarge || request.body.count > limit {
            let message = "Response payload size exceeded maximum allowed payload size (\(limit) bytes)."
            return FunctionReply(
                outcome: .failure(type: "Function.ResponseSizeTooLarge", message: message),
                answer: RuntimeAPIAnswer.tooLarge(limit: limit))
        }
        return FunctionReply(outcome: outcome(), answer: RuntimeAPIAnswer.accepted)
    }

    /// The error that a response which failed on the way tells in its trailers: a type, and a document in base64.
    private static func trailedError(_ request: HTTPServerRequest) -> InvocationOutcome? {
        guard let reported = request.trailers[RuntimeHeader.errorType], !reported.isEmpty else { return nil }
        let type = FunctionErrorType.recorded(reported)
        let document = request.trailers[RuntimeHeader.errorBody].flatMap { Data(base64Encoded: $0) }
        return .failure(
            type: type,
            document: document ?? ErrorDocument.make(type: type, message: "the response stream failed"))
    }
}
