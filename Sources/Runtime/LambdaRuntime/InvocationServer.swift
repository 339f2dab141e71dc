import CurlEventLoop
import LambdaEvents
import Wire

/// What came of one invocation.
enum InvocationOutcome {
    /// To be sent as the response.
    case response(Bytes)
    /// To be reported as the function's error.
    case failure(any Error)
    /// Already sent, with what the Runtime API made of it; the error, if any, went out with it.
    case streamed(ReportOutcome, error: (any Error)?)
}

/// One way of running a handler.
protocol InvocationServer {
    func serve(_ invocation: Invocation, _ context: LambdaContext) throws(RuntimeAPIError) -> InvocationOutcome
}

/// Runs a handler that may wait, on the event loop.
struct AsynchronousServer<Handler: LambdaHandler>: InvocationServer {
    let handler: Handler
    let loop: EventLoop

    func serve(_ invocation: Invocation, _ context: LambdaContext) -> InvocationOutcome {
        do {
            let event = try Handler.Event(lambdaPayload: invocation.payload)
            let handler = self.handler
            return .response(try loop.run { try await handler.handle(event, context: context).lambdaPayload() })
        } catch {
            return .failure(error)
        }
    }
}

/// Runs a handler that waits for nothing.
struct SynchronousServer<Handler: SynchronousLambdaHandler>: InvocationServer {
    let handler: Handler

    func serve(_ invocation: Invocation, _ context: LambdaContext) -> InvocationOutcome {
        do {
            let event = try Handler.Event(lambdaPayload: invocation.payload)
            return .response(try handler.handle(event, context: context).lambdaPayload())
        } catch {
            return .failure(error)
        }
    }
}

/// Runs a handler that streams its response.
struct StreamingServer<Handler: StreamingLambdaHandler>: InvocationServer {
    let handler: Handler
    let loop: EventLoop
    let address: RuntimeAPIAddress

    func serve(_ invocation: Invocation, _ context: LambdaContext) throws(RuntimeAPIError) -> InvocationOutcome {
        let event: Handler.Event
        do {
            event = try Handler.Event(lambdaPayload: invocation.payload)
        } catch {
            return .failure(error)
        }
        let handler = self.handler
        let response = ResponseStream(
            url: address.runtimeURL("/invocation/\(invocation.requestID)/response"), loop: loop)
        do {
            return try loop.run { try await Self.outcome(of: handler, event, context, response) }
        } catch let error as RuntimeAPIError {
            throw error
        } catch {
            // The loop itself has failed: of a response that has begun nothing more can be said.
            guard !response.hasBegun else { throw .gone(operation: "response", reason: "\(error)") }
            return .failure(error)
        }
    }

    private static func outcome(
        of handler: Handler, _ event: Handler.Event, _ context: LambdaContext, _ response: ResponseStream
    ) async throws(RuntimeAPIError) -> InvocationOutcome {
        do {
            try await handler.handle(event, context: context, response: response)
        } catch {
            let report = ErrorReport(error, fallbackType: RunLoopFailure.handler)
            guard let outcome = try await response.finish(failedWith: report) else { return .failure(error) }
            return .streamed(outcome, error: error)
        }
        return .streamed(try await response.finish(), error: nil)
    }
}
