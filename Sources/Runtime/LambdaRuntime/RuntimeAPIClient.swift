import CSignals
import CurlEventLoop
import Wire

/// A blocking client of the Lambda Runtime API, over one kept-alive connection for the process's whole life.
///
/// A Lambda environment handles one event at a time, so nothing here needs to run concurrently. What is the same for
/// every request is composed once.
final class RuntimeAPIClient {
    let address: RuntimeAPIAddress
    private let connection: RuntimeConnection
    private let nextHead: [UInt8]
    private let responseHead: RequestHead
    private var response = Response()

    /// A client of the Runtime API at `host:port`, with or without a path prefix.
    init(address text: String) {
        GlobalCurl.initialize()
        address = RuntimeAPIAddress(text)
        connection = RuntimeConnection(host: address.host, isInterruptible: true)
        nextHead = RequestHead.get("\(address.runtimePath)/invocation/next", host: address.host)
        responseHead = RequestHead(
            path: "\(address.runtimePath)/invocation/", host: address.host,
            fields: ["Content-Type: \(RuntimeAPI.ContentType.json)"])
    }

    /// Waits for the next invocation, for ever: the environment may be frozen meanwhile.
    func next() throws(RuntimeAPIError) -> Invocation {
        let status = try wait("next", nextHead)
        guard status == 200 else { throw .gone(operation: "next", reason: "status \(status)") }
        let payload = response.body.takeBytes()
        guard let invocation = Invocation(metadata: response.metadata, payload: payload) else {
            throw .gone(operation: "next", reason: "no usable \(RuntimeAPI.Header.requestID) header")
        }
        return invocation
    }

    /// Waits until a snapshot of the environment has been restored (`AWS_LAMBDA_INITIALIZATION_TYPE=snap-start`).
    func waitForRestore() throws(RuntimeAPIError) {
        let head = RequestHead.get("\(address.runtimePath)/restore/next", host: address.host)
        let status = try wait("restore/next", head)
        guard status == 200 else { throw .gone(operation: "restore/next", reason: "status \(status)") }
    }

    /// Reports that the function could not go on after its snapshot was restored.
    func failRestore(_ error: ErrorReport) throws(RuntimeAPIError) -> ReportOutcome {
        try report("restore/error", "\(address.runtimePath)/restore/error", error)
    }

    /// Reports an invocation's response.
    func respond(_ requestID: String, _ payload: Bytes) throws(RuntimeAPIError) -> ReportOutcome {
        let head = responseHead.post(requestID, "/response", bodyBytes: payload.count)
        return try ReportOutcome("response", status: try perform("response", head, payload))
    }

    /// Reports that an invocation failed.
    func fail(_ requestID: String, _ error: ErrorReport) throws(RuntimeAPIError) -> ReportOutcome {
        try report("error", "\(address.runtimePath)/invocation/\(requestID)/error", error)
    }

    /// Reports that the function could not start; only before the first `next`.
    func failInitialization(_ error: ErrorReport) throws(RuntimeAPIError) -> ReportOutcome {
        try report("init/error", "\(address.runtimePath)/init/error", error)
    }

    /// Performs a request that SIGTERM may interrupt, because it waits for something to do.
    private func wait(_ operation: String, _ head: [UInt8]) throws(RuntimeAPIError) -> Int {
        fincore_termination_set_waiting(true)
        defer { fincore_termination_set_waiting(false) }
        guard !fincore_termination_is_requested() else { throw .terminated }
        return try perform(operation, head, [])
    }

    private func report(
        _ operation: String, _ path: String, _ error: ErrorReport
    ) throws(RuntimeAPIError) -> ReportOutcome {
        var fields = [
            "Content-Type: \(RuntimeAPI.ContentType.json)", "\(RuntimeAPI.Header.errorType): \(error.headerType)",
        ]
        if let cause = error.errorCause { fields.append("\(RuntimeAPI.Header.errorCause): \(cause)") }
        let body = Bytes(utf8: error.json)
        let head = RequestHead(path: path, host: address.host, fields: fields).post("", "", bodyBytes: body.count)
        return try ReportOutcome(operation, status: try perform(operation, head, body))
    }

    private func perform(_ operation: String, _ head: [UInt8], _ body: Bytes) throws(RuntimeAPIError) -> Int {
        do throws(ConnectionError) {
            try connection.exchange(head, body, &response)
        } catch {
            if fincore_termination_ends_wait() { throw .terminated }
            throw .gone(operation: operation, reason: error.description)
        }
        return response.status
    }

    /// Connects, and notes where a crash is to be reported: the address that the host turned out to have.
    func connect() throws(RuntimeAPIError) {
        do throws(ConnectionError) {
            guard let peer = try connection.peer() else { return }
            fincore_crash_report_set_peer(peer.address, Int32(clamping: peer.port))
        } catch {
            throw .gone(operation: "connect", reason: error.description)
        }
    }
}
