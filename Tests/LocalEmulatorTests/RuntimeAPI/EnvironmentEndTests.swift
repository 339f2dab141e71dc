import Foundation
import Testing

@testable import LocalEmulator

@Suite("How environments end, with a process") struct EnvironmentEndTests {
    /// Registers an extension and lets it wait for events, which never come; writes what SIGTERM brings.
    private static func registersExtension(onTerm: String) -> String {
        """
        def term(*_):
            \(onTerm)
        signal.signal(signal.SIGTERM, term)
        extension = http.client.HTTPConnection(host)
        extension.request("POST", "/2020-01-01/extension/register", '{"events":[]}', {"Lambda-Extension-Name": "hooks"})
        answer = extension.getresponse()
        answer.read()
        extension.request("GET", "/2020-01-01/extension/event/next", None, {"Lambda-Extension-Identifier": answer.getheader("Lambda-Extension-Identifier")})
        """
    }

    @Test("with an extension the process is asked to end, and has time to")
    func asked() throws {
        let rig = try HostRig(
            "return 1",
            beforeFirstNext: Self.registersExtension(
                onTerm: "print('clean-up', file=sys.stderr, flush=True); os._exit(0)"))
        #expect(try rig.invoke().functionError == nil)
        rig.stop()
        #expect(rig.event { if case .line(_, "clean-up") = $0 { true } else { false } })
    }

    @Test("who does not end in time is killed")
    func stubborn() throws {
        let rig = try HostRig(
            "return os.getpid()",
            beforeFirstNext: Self.registersExtension(onTerm: "print('no', file=sys.stderr, flush=True)"))
        let processID = pid_t(String(decoding: try rig.invoke().payload, as: UTF8.self))
        rig.stop()
        #expect(rig.event { if case .line(_, "no") = $0 { true } else { false } }, "it was not asked")
        #expect(eventually { !isAlive(processID ?? 0) })
    }

    @Test("without an extension it is killed without being asked")
    func notAsked() throws {
        let rig = try HostRig(
            "return os.getpid()",
            beforeFirstNext: """
                def term(*_): print('asked', file=sys.stderr, flush=True)
                signal.signal(signal.SIGTERM, term)
                """)
        let processID = pid_t(String(decoding: try rig.invoke().payload, as: UTF8.self))
        rig.stop()
        #expect(eventually { !isAlive(processID ?? 0) })
        let wasAsked = rig.events.read { $0.contains { if case .line(_, "asked") = $0 { true } else { false } } }
        #expect(!wasAsked)
    }

    @Test("an error reported right before the process dies is the caller's, and the environment is replaced")
    func reportsAndDies() throws {
        let rig = try HostRig(
            """
            if event.get('die'):
                body = json.dumps({'errorType': 'Function.Crashed', 'errorMessage': 'signal 11'})
                context.call('POST', 'invocation/' + context.request_id + '/error', body, {'Lambda-Runtime-Function-Error-Type': 'Function.Crashed'})
                os.kill(os.getpid(), signal.SIGKILL)
            return os.getpid()
            """)
        defer { rig.stop() }
        let first = try rig.invoke()
        let failed = try rig.invoke("{\"die\":true}")
        #expect(failed.errorMessage == "Function.Crashed: signal 11")
        #expect(failed.errorType == "Function.Crashed")
        #expect(
            rig.event { event in
                if case .crashed("F", .signaled(signal: SIGKILL), failed.requestID, _) = event { true } else { false }
            })
        let next = try rig.invoke()
        #expect(next.functionError == nil)
        #expect(next.payload != first.payload)
    }

    @Test("the end of a process that is being started for an invocation names that invocation")
    func suppressedInit() throws {
        let rig = try HostRig("return 1", beforeFirstNext: "os._exit(7)")
        defer { rig.stop() }
        let result = try rig.invoke()
        #expect(
            result.errorMessage
                == "Runtime.ExitError: RequestId: \(result.requestID) Error: Runtime exited with error: exit status 7")
        let starts = rig.events.read { $0.count { if case .started = $0 { true } else { false } } }
        #expect(starts == 2, "a failed start is repeated once")
    }

    @Test("a start that succeeds the second time is not told to the caller")
    func secondStart() throws {
        let folder = try TemporaryFolder()
        let rig = try HostRig(
            "return 'ok'",
            beforeFirstNext: """
                if not os.path.exists('\(folder.path)/once'):
                    open('\(folder.path)/once', 'w').close()
                    os._exit(7)
                """)
        defer { rig.stop() }
        #expect(try rig.invoke().payload == Data("\"ok\"".utf8))
    }

    @Test("the timeout is a line of the function's log, in Lambda's form")
    func timeoutLine() throws {
        let rig = try HostRig("signal.pause()", timeoutSeconds: 1)
        defer { rig.stop() }
        let result = try rig.invoke()
        #expect(result.errorType == "Sandbox.Timedout")
        let end = " \(result.requestID) Task timed out after 1.00 seconds"
        let lines = rig.events.read { events in
            events.compactMap { if case .line(_, let text) = $0 { text } else { nil } }
        }
        let line = try #require(lines.first { $0.hasSuffix(end) })
        #expect(line.dropLast(end.count).wholeMatch(of: /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/) != nil)
    }

    @Test("a chunked response that breaks off is Runtime.TruncatedResponse, and the process goes on")
    func truncated() throws {
        let rig = try HostRig(
            """
            if event.get('break'):
                import socket
                name, port = host.split(':')
                connection = socket.create_connection((name, int(port)))
                connection.sendall(('POST /2018-06-01/runtime/invocation/%s/response HTTP/1.1\\r\\nTransfer-Encoding: chunked\\r\\n\\r\\n3\\r\\nabc\\r\\n' % context.request_id).encode())
                connection.shutdown(socket.SHUT_WR)
                print('status', connection.makefile('rb').readline().split()[1].decode(), file=sys.stderr, flush=True)
                return ANSWERED
            return os.getpid()
            """)
        defer { rig.stop() }
        let first = try rig.invoke()
        let broken = try rig.invoke("{\"break\":true}")
        #expect(broken.errorType == "Runtime.TruncatedResponse")
        #expect(rig.event { if case .line(_, "status 400") = $0 { true } else { false } })
        #expect(try rig.invoke().payload == first.payload)
    }
}
