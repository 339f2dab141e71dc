import CurlEventLoop
import Foundation
import Testing

@testable import LocalEmulator

// The expected documents are what AWS's own emulator answered to the same calls.
@Suite("Runtime API, call by call") struct RuntimeAPITests {
    private let rig = SessionRig()
    private let request = InvocationRequest(payload: Data("{\"a\":1}".utf8))
    private let next = "/2018-06-01/runtime/invocation/next"
    private let accepted = "{\"status\":\"OK\"}\n"

    private static func refusal(_ from: String, _ target: String) -> String {
        "{\"errorMessage\":\"State transition from \(from) to \(target) failed for runtime. "
            + "Error: State transition is not allowed\",\"errorType\":\"InvalidStateTransition\"}\n"
    }

    @Test(
        "what is there answers, what is not is 404, the wrong method is 405",
        arguments: [
            ("GET", "/2018-06-01/ping", 200, "pong"),
            ("GET", "/ping", 404, "404 page not found\n"),
            ("GET", "/2018-06-01/runtime/nothing", 404, "404 page not found\n"),
            ("GET", "/2018-06-01/runtime/restore/next", 404, "404 page not found\n"),
            ("POST", "/2018-06-01/runtime/restore/error", 404, "404 page not found\n"),
            ("GET", "/2021-04-23/credentials", 404, "404 page not found\n"),
            ("POST", "/2018-06-01/runtime/invocation/next", 405, ""),
            ("PUT", "/2018-06-01/runtime/init/error", 405, ""),
            (
                "PUT", "/2020-08-15/logs", 202,
                "{\"errorMessage\":\"Logs API is not supported\",\"errorType\":\"Logs.NotSupported\"}\n"
            ),
            (
                "PUT", "/2022-07-01/telemetry", 202,
                "{\"errorMessage\":\"Telemetry API is not supported\",\"errorType\":\"Telemetry.NotSupported\"}\n"
            ),
        ])
    func routes(method: String, path: String, status: Int, body: String) {
        let answer = rig.call(method, path)
        #expect(answer?.status == status)
        #expect(answer?.text == body)
        #expect(answer?.headers["Allow"] == (status == 405 ? (method == "POST" ? "GET" : "POST") : nil))
    }

    @Test("next gives the event with every header there is a value for, and nothing else")
    func eventHeaders() throws {
        var request = request
        let bare = try #require(rig.run(request))
        #expect(bare.body == request.payload)
        #expect(bare.headers["Content-Type"] == "application/json")
        #expect(bare.headers["Lambda-Runtime-Aws-Request-Id"] == request.requestID)
        #expect(bare.headers["Lambda-Runtime-Trace-Id"] == request.traceID)
        #expect(Int64(bare.headers["Lambda-Runtime-Deadline-Ms"] ?? "") ?? 0 > EmulatorClock.nowMilliseconds())
        #expect(bare.headers["Lambda-Runtime-Invoked-Function-Arn"]?.hasSuffix(":function:F") == true)
        for name in ["Client-Context", "Cognito-Identity", "Aws-Tenant-Id"] {
            #expect(bare.headers["Lambda-Runtime-\(name)"] == nil)
        }
        _ = rig.call("POST", rig.report(request, "response"))
        request = InvocationRequest(
            payload: Data(), clientContext: "{\"c\":1}",
            cognitoIdentity: CognitoIdentity(identityID: "i", poolID: "p"), tenantID: "blue")
        let full = try #require(rig.run(request))
        #expect(full.headers["Lambda-Runtime-Client-Context"] == "{\"c\":1}")
        #expect(
            full.headers["Lambda-Runtime-Cognito-Identity"]
                == "{\"cognitoIdentityId\":\"i\",\"cognitoIdentityPoolId\":\"p\"}")
        #expect(full.headers["Lambda-Runtime-Aws-Tenant-Id"] == "blue")
    }

    @Test("asking again while running gives the same event at once")
    func nextAgain() throws {
        let first = try #require(rig.run(request))
        let second = try #require(rig.call("GET", next))
        #expect(second.status == 200)
        #expect(second.body == first.body)
        #expect(second.headers == first.headers)
    }

    @Test("a wrong id is 400 in every state and changes nothing", arguments: ["response", "error"])
    func wrongID(kind: String) throws {
        let wrong = "/2018-06-01/runtime/invocation/nobody/\(kind)"
        let document = "{\"errorMessage\":\"Invalid request ID\",\"errorType\":\"InvalidRequestID\"}\n"
        #expect(rig.call("POST", wrong)?.text == document)
        _ = try #require(rig.run(request))
        let answer = rig.call("POST", wrong, Data("1".utf8))
        #expect(answer?.status == 400)
        #expect(answer?.text == document)
        #expect(rig.call("POST", rig.report(request, "response"), Data("1".utf8))?.text == accepted)
        #expect(rig.call("POST", wrong)?.status == 400)
    }

    @Test("after the answer another one is refused with the state's name", arguments: ["response", "error"])
    func answeredTwice(kind: String) throws {
        _ = try #require(rig.run(request))
        let first = rig.call("POST", rig.report(request, kind), Data("{}".utf8))
        #expect(first?.status == 202)
        #expect(first?.text == accepted)
        for (second, state) in [("response", "InvocationResponse"), ("error", "InvocationErrorResponse")] {
            let answer = rig.call("POST", rig.report(request, second), Data("{}".utf8))
            #expect(answer?.status == 403)
            #expect(answer?.text == Self.refusal("RuntimeResponseSentState", state))
        }
    }

    @Test("init/error is taken before the first next, and ends the life of the environment")
    func initError() {
        let path = "/2018-06-01/runtime/init/error"
        let document = Data("{\"errorType\":\"Function.NoLuck\"}".utf8)
        #expect(rig.call("POST", path, document)?.status == 202)
        #expect(rig.session.waitUntilReady(timeoutMilliseconds: 10, requestID: nil) == document)
        let again = rig.call("POST", path)
        #expect(again?.status == 403)
        #expect(again?.text == Self.refusal("InitError", "InitError"))
        #expect(rig.call("GET", next)?.text == Self.refusal("InitError", "Ready"))
    }

    @Test("init/error after the first next is refused")
    func lateInitError() throws {
        _ = try #require(rig.run(request))
        let answer = rig.call("POST", "/2018-06-01/runtime/init/error", Data("{}".utf8))
        #expect(answer?.status == 403)
        #expect(answer?.text == Self.refusal("Running", "InitError"))
        #expect(rig.call("POST", rig.report(request, "response"))?.status == 202)
    }

    @Test("an unknown response mode is 400, fails the invocation, and leaves the runtime where it is")
    func invalidMode() throws {
        _ = try #require(rig.run(request))
        let answer = rig.call(
            "POST", rig.report(request, "response"), Data("1".utf8),
            headers: ["Lambda-Runtime-Function-Response-Mode": "Streaming"])
        #expect(answer?.status == 400)
        #expect(
            answer?.text
                == "{\"errorMessage\":\"Invalid function response mode\",\"errorType\":\"InvalidFunctionResponseMode\"}\n"
        )
        #expect(rig.session.waitForOutcome()?.errorType == "Runtime.InvalidResponseModeHeader")
        let again = rig.call("POST", rig.report(request, "response"), Data("1".utf8))
        #expect(again?.text == Self.refusal("InvocationResponse", "InvocationResponse"))
        #expect(rig.call("GET", next)?.text == Self.refusal("InvocationResponse", "Ready"))
        #expect(rig.session.beginWatching() != nil, "nobody would end it")
    }

    @Test("a body that broke off is 400, and the caller's Runtime.TruncatedResponse; the next event is given")
    func truncated() throws {
        _ = try #require(rig.run(request))
        let answer = rig.call(
            "POST", rig.report(request, "response"), Data("ab".utf8), completeness: .truncated)
        #expect(answer?.status == 400)
        #expect(
            answer?.text
                == "{\"errorMessage\":\"HTTP request detected as truncated\",\"errorType\":\"TruncatedHTTPRequest\"}\n")
        #expect(rig.session.waitForOutcome()?.errorType == "Runtime.TruncatedResponse")
        let following = InvocationRequest(payload: Data("2".utf8))
        #expect(rig.run(following)?.body == following.payload)
    }

    @Test("what waits in next is let go without an answer when the environment ends")
    func abandoned() {
        let answers = rig.waiting(next)
        #expect(eventually { rig.session.monitor.read { $0.isReady } })
        rig.session.abandon()
        let answer = answers.wait(untilMilliseconds: EmulatorClock.nowMilliseconds() + 20_000) { $0.first }
        #expect(answer.map { $0 == nil } == true)
    }

    @Test("a process that is asked to end keeps waiting in next, and gets no event")
    func stopping() {
        let answers = rig.waiting(next)
        #expect(eventually { rig.session.monitor.read { $0.isReady } })
        #expect(!rig.session.beginStopping(), "no extension is registered")
        #expect(!rig.session.assign(request, deadlineMilliseconds: .max))
        #expect(answers.read { $0.isEmpty })
        rig.session.abandon()
    }
}
