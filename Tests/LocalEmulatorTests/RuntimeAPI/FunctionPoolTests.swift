import CurlEventLoop
import Foundation
import Testing

@testable import LocalEmulator

@Suite("Function processes: busy, hanging, dying, starting") struct FunctionPoolTests {
    /// Says that it works, then waits until the file is there.
    private static let waitsForFile = """
        print('busy', file=sys.stderr, flush=True)
        while not os.path.exists(event['until']): time.sleep(0.01)
        """

    private func withFile(_ body: (String) throws -> Void) rethrows {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("until-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        try body(path)
    }

    /// Runs `body` while the function's only process works, then lets that go on.
    private func whileBusy(_ rig: HostRig, _ body: (Data) throws -> Void) throws {
        try withFile { file in
            let payload = JSONValue.object(["until": .string(file)]).serialized()
            let host = rig.host
            let results = Monitor<[Bool]>([])
            Thread {
                let result = try? host.invoke("F", InvocationRequest(payload: payload))
                results.withLock { $0.append(result?.functionError == nil && result != nil) }
            }.start()
            try #require(
                rig.event { if case .line(_, "busy") = $0 { true } else { false } }, "\(rig.events.read { $0 })")
            try body(payload)
            try Data().write(to: URL(fileURLWithPath: file))
            let succeeded = results.wait(untilMilliseconds: EmulatorClock.nowMilliseconds() + 20_000) { $0.first }
            #expect(succeeded == true, "the invocation under way was disturbed")
        }
    }

    @Test("when all processes stay busy, the invocation is throttled: 429 from the API, 502 from the load balancer")
    func throttled() throws {
        let rig = try HostRig(Self.waitsForFile, concurrency: 1, throttleMilliseconds: 50)
        defer { rig.stop() }
        try whileBusy(rig) { payload in
            #expect(throws: InvocationRefusal.throttled(function: "F")) {
                try rig.host.invoke("F", InvocationRequest(payload: payload))
            }
            let call = HTTPServerRequest(method: "POST", target: "/2015-03-31/functions/F/invocations", body: payload)
            guard case .reply(429, let headers, _) = LambdaService(host: rig.host).handle(call) else {
                Issue.record("not answered with 429")
                return
            }
            #expect(headers["x-amzn-ErrorType"] == "TooManyRequestsException")
            let route = LoadBalancerRoute(
                pathPatterns: [], function: "F", targetGroupARN: "arn:tg", multiValueHeaders: false)
            let request = HTTPServerRequest(method: "GET", target: "/")
            guard case .reply(502, let headers, _) = LoadBalancer(routes: [route], host: rig.host).handle(request)
            else {
                Issue.record("not answered with 502")
                return
            }
            #expect(headers["X-Emulator-Error-Reason"] == "LambdaThrottling")
        }
    }

    @Test("an asynchronous invocation that is throttled waits, without using up its retries")
    func asynchronousThrottle() throws {
        let rig = try HostRig(Self.waitsForFile, concurrency: 1, throttleMilliseconds: 1)
        defer { rig.stop() }
        let later = InvocationRequest(payload: Data("{\"until\":\"/\"}".utf8))
        try whileBusy(rig) { payload in
            try rig.host.invokeLater("F", later)
            // By the time two further ones were turned away, the first was as well.
            for _ in 0..<2 {
                #expect(throws: InvocationRefusal.throttled(function: "F")) {
                    try rig.host.invoke("F", InvocationRequest(payload: payload))
                }
            }
        }
        #expect(
            rig.event { event in
                if case .invoked(_, let result) = event {
                    return result.requestID == later.requestID && result.functionError == nil
                }
                return false
            })
    }

    @Test("a process that answers but never asks for the next event is killed at the deadline and replaced")
    func hangsAfterAnswer() throws {
        let rig = try HostRig(
            """
            context.call('POST', 'invocation/' + context.request_id + '/response', json.dumps(os.getpid()))
            if event.get('hang'): signal.pause()
            return ANSWERED
            """, timeoutSeconds: 1, concurrency: 1)
        defer { rig.stop() }
        let first = try rig.invoke("{\"hang\":true}")
        #expect(first.functionError == nil)
        let second = try rig.invoke()
        #expect(second.functionError == nil)
        #expect(first.payload != second.payload, "the same process cannot have answered")
        #expect(
            rig.event { event in
                if case .crashed("F", .signaled(signal: SIGKILL), first.requestID, _) = event { true } else { false }
            })
    }

    @Test("a process that has not finished its start is ended by stop, at once")
    func stopWhileStarting() throws {
        let rig = try HostRig(
            "return 1", beforeFirstNext: "print('starting', file=sys.stderr, flush=True)\nsignal.pause()")
        let host = rig.host
        let results = Monitor<[InvocationResult?]>([])
        Thread {
            let result = try? host.invoke("F", InvocationRequest(payload: Data("{}".utf8)))
            results.withLock { $0.append(result) }
        }.start()
        try #require(rig.event { if case .line(_, "starting") = $0 { true } else { false } })
        let processID = rig.events.read { events in
            events.compactMap { if case .started(_, let id) = $0 { id } else { nil } }.first
        }
        let begin = EmulatorClock.nowMilliseconds()
        rig.stop()
        let result = results.wait(untilMilliseconds: begin + 20_000) { $0.first }
        #expect(result??.errorMessage?.contains("the emulator stops") == true)
        #expect(
            EmulatorClock.nowMilliseconds() - begin < FunctionPool.initTimeoutMilliseconds / 2,
            "it was left to its init timeout")
        #expect(eventually { !isAlive(processID ?? 0) })
    }

    @Test("a dry run of a function that is not there answers 404, of one that is 204; neither runs anything")
    func dryRun() throws {
        let rig = try HostRig("return 1")
        defer { rig.stop() }
        func status(_ name: String) -> Int? {
            let request = HTTPServerRequest(
                method: "POST", target: "/2015-03-31/functions/\(name)/invocations",
                headers: ["X-Amz-Invocation-Type": "DryRun"], body: Data("{}".utf8))
            guard case .reply(let status, _, _) = LambdaService(host: rig.host).handle(request) else { return nil }
            return status
        }
        #expect(status("Nobody") == 404)
        #expect(status("F") == 204)
        #expect(rig.events.read { $0.isEmpty })
    }
}
