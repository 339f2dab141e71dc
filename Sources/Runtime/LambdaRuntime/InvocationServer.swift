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
        let (handler, loop) = (self.handler, self.loop)
        let response = ResponseStream(
            url: address.runtimeURL("/invocation/\(invocation.requestID)/response"), loop: loop)
        let result: Result<InvocationOutcome, any Error> = Result {
            try loop.run {
                do {
                    try await handler.handle(event, context: context, response: response)
                } catch {
                    guard response.hasBegun else { return .failure(error) }
                    let report = ErrorReport(error, fallbackType: RunLoopFailure.handler)
                    return .streamed(try await response.finish(failedWith: report), error: error)
                }
                return .streamed(try await response.finish(), error: nil)
            }
        }
        switch result {
        case .success(let outcome): return outcome
        case .failure(let error as RuntimeAPIError): throw error
        case .failure(let error): return .failure(error)
        }
    }
}
