import FoundationEssentials
import HTTPClient
import LambdaEvents
import Telemetry

#if canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// Asks for invocations, hands them to the handler, and reports what came of them, one at a time.
struct RunLoop<Handler: LambdaHandler> {
    let client: RuntimeAPIClient
    let handler: Handler
    let loop: EventLoop
    let logger: Logger

    /// Serves until the Runtime API is gone or says that the environment is broken.
    func serve() throws(RuntimeAPIError) -> Never {
        while true { try serveOne() }
    }

    func serveOne() throws(RuntimeAPIError) {
        let invocation = try client.next()
        setTraceVariable(invocation.traceID)
        let context = LambdaContext(invocation, logger: logger)
        let outcome =
            switch run(invocation, context) {
            case .success(let payload): try client.respond(invocation.requestID, payload)
            case .failure(let error): try client.fail(invocation.requestID, report(error, context))
            }
        if case .refused(let status) = outcome {
            // Lambda has settled the invocation already (413: the response was too large): a further report would
            // only be refused, too.
            context.logger.error("the Runtime API refused the report", ["status": .integer(status)])
        }
    }

    private func report(_ error: any Error, _ context: LambdaContext) -> ErrorReport {
        let report = ErrorReport(error, fallbackType: "Function.HandlerFailed")
        context.logger.error(
            "invocation failed", ["error_type": .string(report.errorType), "error": .string(report.errorMessage)])
        return report
    }

    private func run(_ invocation: Invocation, _ context: LambdaContext) -> Result<Data, any Error> {
        Result {
            let event = try Handler.Event(lambdaPayload: invocation.payload)
            let handler = self.handler
            return try loop.run { try await handler.handle(event, context: context).lambdaPayload() }
        }
    }

    /// The X-Ray SDKs read the trace from the environment; there is one invocation at a time, so this is safe.
    private func setTraceVariable(_ traceID: String?) {
        if let traceID {
            setenv(RuntimeAPI.Variable.traceID, traceID, 1)
        } else {
            unsetenv(RuntimeAPI.Variable.traceID)
        }
    }
}
