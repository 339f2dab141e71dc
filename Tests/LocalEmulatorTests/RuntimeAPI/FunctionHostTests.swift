import Foundation
import LocalEmulator
import Testing

@Suite("Function host, with a runtime in another language") struct FunctionHostTests {
    @Test("an event goes in, the response comes out, and the process is used again")
    func invocation() throws {
        let rig = try HostRig("return {'got': event, 'pid': os.getpid(), 'own': os.environ['OWN']}")
        defer { rig.stop() }
        let first = try JSONValue(parsing: rig.invoke("{\"a\":1}").payload)
        let second = try JSONValue(parsing: rig.invoke("{\"a\":2}").payload)
        #expect(first["got"] == ["a": 1])
        #expect(first["own"] == "1")
        #expect(first["pid"] == second["pid"])
    }

    @Test("the process sees the headers and variables of a Lambda environment")
    func environment() throws {
        let rig = try HostRig("return {'h': context.headers, 'e': dict(os.environ)}")
        defer { rig.stop() }
        let seen = try JSONValue(parsing: rig.invoke().payload)
        #expect(seen["h"]?["lambda-runtime-invoked-function-arn"] == "arn:aws:lambda:eu-west-1:000000000000:function:F")
        #expect(seen["h"]?["lambda-runtime-trace-id"]?.stringValue?.hasPrefix("Root=1-") == true)
        #expect(seen["e"]?["AWS_LAMBDA_FUNCTION_NAME"] == "F")
        #expect(seen["e"]?["_HANDLER"] == "h")
        #expect(seen["e"]?["HOME"] == nil, "the emulator's own environment leaked in")
        let root = (rig.bootstrap.path as NSString).deletingLastPathComponent
        #expect(seen["e"]?["LAMBDA_TASK_ROOT"]?.stringValue == root)
        #expect(seen["e"]?["LAMBDA_RUNTIME_DIR"]?.stringValue == root)
        #expect(
            seen["e"]?["LD_LIBRARY_PATH"]?.stringValue
                == "/lib64:/usr/lib64:\(root):\(root)/lib:\(root):\(root)/lib:/opt/lib")
        #expect(seen["e"]?["AWS_SESSION_TOKEN"] == "local")
        #expect(seen["e"]?["AWS_XRAY_CONTEXT_MISSING"] == "LOG_ERROR")
        #expect(seen["e"]?["AWS_EXECUTION_ENV"] == nil, "custom runtimes do not get it")
    }

    @Test("busy processes are joined by new ones, up to the reserved concurrency")
    func concurrency() throws {
        let rig = try HostRig("return {'pid': os.getpid()}", concurrency: 2)
        defer { rig.stop() }
        let results = Monitor<[Bool]>([])
        for _ in 0..<6 {
            Thread { [rig] in
                let succeeded = (try? rig.invoke().functionError) == .some(nil)
                results.withLock { $0.append(succeeded) }
            }.start()
        }
        let all = results.wait(untilMilliseconds: EmulatorClock.nowMilliseconds() + 20_000) {
            $0.count == 6 ? $0 : nil
        }
        #expect(all == Array(repeating: true, count: 6))
        #expect((rig.host.processIDs["F"]?.count ?? 0) <= 2)
    }

    @Test("a crash in an invocation is that invocation's error, reported with its last words; the next one works")
    func crash() throws {
        let rig = try HostRig(
            """
            if event.get('crash'):
                print('last words', file=sys.stderr, flush=True)
                os._exit(3)
            return 'ok'
            """)
        defer { rig.stop() }
        let result = try rig.invoke("{\"crash\":true}")
        #expect(result.functionError == "Unhandled")
        #expect(result.errorMessage?.contains("Runtime.ExitError") == true)
        #expect(result.errorMessage?.contains("exit status 3") == true)
        #expect(
            rig.event { event in
                if case .crashed("F", .exited(status: 3), result.requestID, let lines) = event {
                    return lines.contains("last words")
                }
                return false
            })
        #expect(try rig.invoke().payload == Data("\"ok\"".utf8))
    }

    @Test("a function that cannot start is tried twice, and says why")
    func initError() throws {
        let rig = try HostRig(
            "return 1",
            beforeFirstNext: """
                call("POST", "init/error", '{"errorType":"Function.NoLuck","errorMessage":"missing X"}')
                sys.exit(1)
                """)
        defer { rig.stop() }
        let result = try rig.invoke()
        #expect(result.errorMessage == "Function.NoLuck: missing X")
        let failures = rig.events.read { events in
            events.count { if case .initFailed = $0 { true } else { false } }
        }
        #expect(failures == 2)
    }

    @Test("a program that is not there is named")
    func missingProgram() throws {
        let rig = try HostRig("return 1")
        rig.stop()
        let host = FunctionHost(
            functions: [
                FunctionDefinition(
                    name: "G", codeURI: ".", handler: "h", timeoutSeconds: 1, memoryMegabytes: 128, variables: [:])
            ], names: LocalNames(account: LocalNames.defaultAccount, endpoint: ""),
            bootstrap: { _ in "/nonexistent/bootstrap" }, environment: [:], onEvent: { _ in })
        let result = try host.invoke("G", InvocationRequest(payload: Data("{}".utf8)))
        #expect(result.errorMessage?.contains("/nonexistent/bootstrap") == true)
    }

    @Test("the timeout kills the process and is the invocation's error")
    func timeout() throws {
        let rig = try HostRig("signal.pause()", timeoutSeconds: 1)
        defer { rig.stop() }
        #expect(try rig.invoke().errorMessage?.contains("Task timed out after 1.00 seconds") == true)
    }

    @Test("SIGKILL in the middle of the invocation the plan names")
    func chaos() throws {
        let strike = try #require(ChaosPlan.Strike("F:2"))
        let rig = try HostRig("return os.getpid()", chaos: ChaosPlan(strikes: [strike]))
        defer { rig.stop() }
        let first = try rig.invoke()
        // The signal may come before or after the answer was read.
        _ = try rig.invoke()
        let third = try rig.invoke()
        #expect(third.functionError == nil)
        #expect(first.payload != third.payload, "the process was not killed")
    }

    @Test("an asynchronous invocation is retried under the same request id")
    func asynchronous() throws {
        let rig = try HostRig("os._exit(1)", retries: [1, 1])
        defer { rig.stop() }
        let request = InvocationRequest(payload: Data("{}".utf8))
        try rig.host.invokeLater("F", request)
        let ids = rig.events.wait(untilMilliseconds: EmulatorClock.nowMilliseconds() + 20_000) { events in
            let ids = events.compactMap { if case .invoked(_, let result) = $0 { result.requestID } else { nil } }
            return ids.count == 3 ? ids : nil
        }
        #expect(ids == Array(repeating: request.requestID, count: 3))
    }

    @Test("a response of 6 MiB and 100 bytes is taken, one byte more is refused with 413")
    func responseLimit() throws {
        let rig = try HostRig(
            """
            body = 'x' * event['size']
            status, headers, answer = context.call('POST', 'invocation/' + context.request_id + '/response', body)
            print('status', status, file=sys.stderr, flush=True)
            return ANSWERED
            """)
        defer { rig.stop() }
        let limit = 6 * 1024 * 1024 + 100
        #expect(try rig.invoke("{\"size\":\(limit)}").payload.count == limit)
        let refused = try rig.invoke("{\"size\":\(limit + 1)}")
        #expect(refused.errorMessage?.contains("Function.ResponseSizeTooLarge") == true)
        #expect(rig.event { if case .line(_, "status 413") = $0 { true } else { false } })
    }

    @Test("the Runtime API refuses what the state machine does not allow, and nothing changes by it")
    func transitions() throws {
        let rig = try HostRig(
            """
            path = 'invocation/' + context.request_id + '/response'
            wrong = context.call('POST', 'invocation/nobody/response', '1')[0]
            again = context.call('GET', 'invocation/next')[1]
            late = context.call('POST', 'init/error', '{}')[0]
            first = context.call('POST', path, json.dumps({'wrong': wrong, 'late': late, 'again': 'Lambda-Runtime-Aws-Request-Id' in again}))[0]
            second = context.call('POST', path, '2')[0]
            print('statuses', first, second, file=sys.stderr, flush=True)
            return ANSWERED
            """)
        defer { rig.stop() }
        let seen = try JSONValue(parsing: rig.invoke().payload)
        #expect(seen == ["wrong": 400, "late": 403, "again": true])
        #expect(rig.event { if case .line(_, "statuses 202 403") = $0 { true } else { false } })
    }

    @Test("an unknown function is named together with those there are")
    func unknown() throws {
        let rig = try HostRig("return 1")
        defer { rig.stop() }
        let error = #expect(throws: InvocationRefusal.self) {
            try rig.host.invoke("Nobody", InvocationRequest(payload: Data()))
        }
        #expect(error?.description == "there is no function Nobody; the template has F")
    }
}
