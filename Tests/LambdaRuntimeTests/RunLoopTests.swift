import CurlEventLoop
import Foundation
import HTTPClient
import LambdaEvents
import LocalEmulator
import Telemetry
import Testing
import Wire

@testable import LambdaRuntime

/// A Runtime API that hands out given events and keeps what is reported.
private final class ScriptedRuntimeAPI: Sendable {
    struct Report: Equatable {
        var path: String
        var body: String
        var errorType: String?
    }

    private struct State {
        var events: [Data]
        var reports: [Report] = []
        var traces: [String?] = []
    }

    private let state: Monitor<State>
    private let server: HTTPServer

    init(_ events: [String], traceID: String? = nil, reportStatus: Int = 202, nextStatus: Int = 200) throws {
        let state = Monitor(State(events: events.map { Data($0.utf8) }))
        self.state = state
        server = try HTTPServer { request in
            guard request.method == "GET" else {
                let report = Report(
                    path: request.path, body: String(decoding: request.body, as: UTF8.self),
                    errorType: request.headers["Lambda-Runtime-Function-Error-Type"])
                state.withLock { $0.reports.append(report) }
                return .json(reportStatus, ["status": "OK"])
            }
            guard let event = state.withLock({ $0.events.isEmpty ? nil : $0.events.removeFirst() }) else {
                return .reset
            }
            var headers: HTTPHeaders = [
                "lambda-runtime-AWS-request-id": "request-\(state.read { $0.reports.count + 1 })",
                "Lambda-Runtime-Deadline-Ms": "4102444800000", "Lambda-Runtime-Invoked-Function-Arn": "arn:f",
            ]
            headers["Lambda-Runtime-Trace-Id"] = traceID
            return .reply(status: nextStatus, headers: headers, body: event)
        }
    }

    var reports: [Report] { state.read { $0.reports } }

    /// Serves until the events are used up, when the connection breaks.
    ///
    /// - Returns: the operation that failed.
    func serve(_ handler: some LambdaHandler) throws -> String? {
        try serve { AsynchronousServer(handler: handler, loop: $0) }
    }

    func serve(_ handler: some SynchronousLambdaHandler) throws -> String? {
        try serve { _ in SynchronousServer(handler: handler) }
    }

    private func serve(_ makeServer: (EventLoop) -> some InvocationServer) throws -> String? {
        defer { server.stop() }
        let client = RuntimeAPIClient(address: "127.0.0.1:\(server.port)")
        let loop = RunLoop(client: client, server: makeServer(EventLoop()), logger: Logger(sink: { _ in }))
        do throws(RuntimeAPIError) {
            try loop.serve()
            return nil
        } catch {
            guard case .gone(let operation, _) = error else { return nil }
            return operation
        }
    }
}

private struct ClosureHandler: LambdaHandler {
    let body: @Sendable (RawPayload, LambdaContext) async throws -> RawPayload

    func handle(_ event: RawPayload, context: LambdaContext) async throws -> RawPayload {
        try await body(event, context)
    }
}

private struct Declined: LambdaReportableError {
    let errorType = "Function.Declined"
    let errorMessage = "no \"quotes\"\nhere"
}

@Suite("Run loop") struct RunLoopTests {
    @Test("events are answered one after the other under their request ids, found in any header case")
    func responses() throws {
        let api = try ScriptedRuntimeAPI(["{\"n\":1}", "{\"n\":2}", ""])
        _ = try api.serve(ClosureHandler { event, _ in event })
        #expect(
            api.reports == [
                .init(path: "/2018-06-01/runtime/invocation/request-1/response", body: "{\"n\":1}"),
                .init(path: "/2018-06-01/runtime/invocation/request-2/response", body: "{\"n\":2}"),
                .init(path: "/2018-06-01/runtime/invocation/request-3/response", body: ""),
            ])
    }

    @Test("a handler's error is reported with its type and as valid JSON, and the next event is served")
    func errors() throws {
        let api = try ScriptedRuntimeAPI(["1", "2"])
        _ = try api.serve(
            ClosureHandler { event, _ in
                if event.bytes == Bytes(utf8: "1") { throw Declined() }
                return event
            })
        let report = try #require(api.reports.first)
        #expect(report.path.hasSuffix("/request-1/error"))
        #expect(report.errorType == "Function.Declined")
        let document = try JSONValue(parsing: Data(report.body.utf8))
        #expect(document["errorMessage"] == "no \"quotes\"\nhere")
        #expect(api.reports.last?.path.hasSuffix("/request-2/response") == true)
    }

    @Test("an event of another shape is the function's error, not the end of it")
    func undecodable() throws {
        struct Typed: LambdaHandler {
            func handle(_ event: SQSEvent, context: LambdaContext) async -> BatchResponse { BatchResponse() }
        }
        let api = try ScriptedRuntimeAPI(["{\"Records\":7}"])
        _ = try api.serve(Typed())
        #expect(api.reports.first?.path.hasSuffix("/error") == true)
    }

    @Test("400, 403 and 413 on a report: no second report, the next event is served", arguments: [400, 403, 413])
    func refusedReports(status: Int) throws {
        let api = try ScriptedRuntimeAPI(["1", "2"], reportStatus: status)
        _ = try api.serve(ClosureHandler { event, _ in event })
        #expect(api.reports.map(\.path).allSatisfy { $0.hasSuffix("/response") })
        #expect(api.reports.count == 2)
    }

    @Test("500 ends the process")
    func containerError() throws {
        let api = try ScriptedRuntimeAPI(["1", "2"], reportStatus: 500)
        #expect(try api.serve(ClosureHandler { event, _ in event }) == "response")
        #expect(api.reports.count == 1)
    }

    @Test("a Runtime API that is gone ends the process")
    func gone() throws {
        let api = try ScriptedRuntimeAPI([])
        #expect(try api.serve(ClosureHandler { event, _ in event }) == "next")
    }

    @Test("the trace is in the context and in the environment during an invocation, and gone without one")
    func trace() throws {
        let seen = Monitor<[String]>([])
        let handler = ClosureHandler { event, context in
            let variable = getenv("_X_AMZN_TRACE_ID").map { String(cString: $0) } ?? "none"
            seen.withLock { $0 += [context.traceID ?? "none", variable] }
            return event
        }
        _ = try ScriptedRuntimeAPI(["1"], traceID: "Root=1-2;Sampled=1").serve(handler)
        _ = try ScriptedRuntimeAPI(["1"]).serve(handler)
        #expect(seen.read { $0 } == ["Root=1-2;Sampled=1", "Root=1-2;Sampled=1", "none", "none"])
    }

    @Test("the deadline becomes remaining time")
    func deadline() throws {
        let remaining = Monitor(0)
        let api = try ScriptedRuntimeAPI(["1"])
        _ = try api.serve(
            ClosureHandler { event, context in
                remaining.withLock { $0 = context.remainingMilliseconds() }
                return event
            })
        #expect(remaining.read { $0 } > 1_000_000)
        #expect(LambdaContext(requestID: "x").remainingMilliseconds() == .max)
    }

    @Test("a handler that waits for nothing is served the same way, its errors too")
    func synchronous() throws {
        struct Refuser: SynchronousLambdaHandler {
            func handle(_ event: RawPayload, context: LambdaContext) throws -> RawPayload {
                if event.bytes == Bytes(utf8: "2") { throw Declined() }
                return event
            }
        }
        let api = try ScriptedRuntimeAPI(["1", "2"])
        _ = try api.serve(Refuser())
        #expect(api.reports.map(\.errorType) == [nil, "Function.Declined"])
        #expect(api.reports.first?.body == "1")
    }

    @Test("6 MB go both ways")
    func largePayload() throws {
        let event = "\"" + String(repeating: "a", count: 6 * 1024 * 1024 - 2) + "\""
        let api = try ScriptedRuntimeAPI([event])
        _ = try api.serve(ClosureHandler { event, _ in event })
        #expect(api.reports.first?.body == event)
    }
}
