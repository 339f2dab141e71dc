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
