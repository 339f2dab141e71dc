import CurlEventLoop

/// An error of Lambda's Invoke API: the invocation was not begun.
struct LambdaServiceRefusal: Error {
    /// The answer to the caller.
    let answer: HTTPServerResponse

    private init(answer: HTTPServerResponse) {
        self.answer = answer
    }

    init(_ status: Int, _ type: String, _ message: String) {
        self.init(
            answer: .json(
                status, ["Type": "User", "Message": .string(message)], headers: ["x-amzn-ErrorType": type]))
    }

    init(_ refusal: InvocationRefusal) {
        switch refusal {
        case .unknownFunction(let name, _):
            self.init(404, "ResourceNotFoundException", "Function not found: \(name)")
        case .throttled:
            self.init(
                answer: .json(
                    429,
                    ["Type": "User", "Reason": "ConcurrentInvocationLimitExceeded", "message": "Rate Exceeded."],
                    headers: ["x-amzn-ErrorType": "TooManyRequestsException", "Retry-After": "1"]))
        }
    }
}
