import LambdaEvents

/// A function: one event in, one response out.
public protocol LambdaHandler: Sendable {
    /// What it takes.
    associatedtype Event: LambdaDecodable
    /// What it returns.
    associatedtype Output: LambdaEncodable

    /// Serves one invocation. An error thrown is reported to Lambda, which applies the event source's retry rules.
    func handle(_ event: Event, context: LambdaContext) async throws -> Output
}

/// A function that waits for nothing: it runs on the caller's stack, without a task and without an event loop.
public protocol SynchronousLambdaHandler: Sendable {
    /// What it takes.
    associatedtype Event: LambdaDecodable
    /// What it returns.
    associatedtype Output: LambdaEncodable

    /// Serves one invocation. An error thrown is reported to Lambda, which applies the event source's retry rules.
    func handle(_ event: Event, context: LambdaContext) throws -> Output
}

/// A function that sends its response piece by piece (response streaming).
public protocol StreamingLambdaHandler: Sendable {
    /// What it takes.
    associatedtype Event: LambdaDecodable

    /// Serves one invocation; the response is complete when this returns.
    ///
    /// An error thrown before the first byte is written is an ordinary failure; one thrown later ends the response with
    /// error trailers.
    func handle(_ event: Event, context: LambdaContext, response: ResponseStream) async throws
}
