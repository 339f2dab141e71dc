import CSignals
import Telemetry

/// Names of failures that no error of the function's own has named.
enum RunLoopFailure {
    static let handler = "Function.HandlerFailed"
    static let initialization = "Function.InitializationFailed"
    static let restore = "Function.RestoreFailed"
}

/// Asks for invocations, has them served, and reports what came of them, one at a time.
struct RunLoop<Server: InvocationServer> {
    let client: RuntimeAPIClient
    let server: Server
    let logger: Logger
    private let trace = TraceVariable()

    init(client: RuntimeAPIClient, server: Server, logger: Logger) {
        self.client = client
        self.server = server
        self.logger = logger
    }

    /// Serves until the Runtime API is gone, says that the environment is broken, or the process is asked to end.
    func serve() throws(RuntimeAPIError) {
        while true { try serveOne() }
    }

    func serveOne() throws(RuntimeAPIError) {
        let invocation = try client.next()
        trace.set(invocation.metadata.traceID)
        let context = LambdaContext(invocation, logger: logger)
        noteBegin(invocation.requestID)
        let outcome = try server.serve(invocation, context)
        fincore_crash_report_end()
        if case .refused(let status) = try report(outcome, invocation.requestID, context) {
            // Lambda has settled the invocation already (413: the response was too large): a further report would
            // only be refused, too.
            context.logger.error("the Runtime API refused the report", ["status": .integer(status)])
        }
    }

    private func report(
        _ outcome: InvocationOutcome, _ requestID: String, _ context: LambdaContext
    ) throws(RuntimeAPIError) -> ReportOutcome {
        switch outcome {
        case .response(let payload):
            return try client.respond(requestID, payload)
        case .failure(let error):
            return try client.fail(requestID, logged(error, context))
        case .streamed(let outcome, let error):
            if let error { _ = logged(error, context) }
            return outcome
        }
    }

    private func logged(_ error: any Error, _ context: LambdaContext) -> ErrorReport {
        let report = ErrorReport(error, fallbackType: RunLoopFailure.handler)
        context.logger.error(
            "invocation failed", ["error_type": .string(report.errorType), "error": .string(report.errorMessage)])
        return report
    }

    /// A crash from here on is reported under this id, from inside the dying process.
    private func noteBegin(_ requestID: String) {
        var requestID = requestID
        requestID.withUTF8 { bytes in
            bytes.withMemoryRebound(to: CChar.self) {
                fincore_crash_report_begin($0.baseAddress, UInt64(bytes.count))
            }
        }
    }
}
