import CurlEventLoop
import Foundation
import Testing

@testable import LocalEmulator

// The expected documents are what AWS's own emulator answered to the same calls.
@Suite("Extensions API, for internal extensions") struct ExtensionsAPITests {
    private let rig = SessionRig()
    private let request = InvocationRequest(payload: Data("{}".utf8))
    private let next = "/2020-01-01/extension/event/next"

    private func register(_ body: String, name: String? = "hooks", feature: String? = nil) -> SessionRig.Answer? {
        var headers = HTTPHeaders()
        headers["Lambda-Extension-Name"] = name
        headers["Lambda-Extension-Accept-Feature"] = feature
        return rig.call("POST", "/2020-01-01/extension/register", Data(body.utf8), headers: headers)
    }

    private func registered(_ body: String = "{\"events\":[]}", name: String = "hooks") throws -> HTTPHeaders {
        let identifier = try #require(register(body, name: name)?.headers["Lambda-Extension-Identifier"])
        return ["Lambda-Extension-Identifier": identifier]
    }

    @Test("registering without events gives an identifier and says which function this is")
    func registration() throws {
        let answer = try #require(register("{\"events\":[]}"))
        #expect(answer.status == 200)
        #expect(UUID(uuidString: answer.headers["Lambda-Extension-Identifier"] ?? "") != nil)
        #expect(answer.text == "{\"functionName\":\"F\",\"functionVersion\":\"$LATEST\",\"handler\":\"h\"}\n")
        let asked = register("{}", name: "other", feature: "x, accountId")
        #expect(asked?.text.contains("\"accountId\":\"000000000000\"") == true)
    }

    @Test(
        "what cannot be registered is refused",
        arguments: [
            ("{\"events\":[]}", nil, "Extension.InvalidExtensionName", "Empty extension name"),
            ("{\"events\":", "a", "InvalidRequestFormat", "the body is not a JSON object"),
            ("", "a", "InvalidRequestFormat", "the body is not a JSON object"),
            (
                "{\"events\":[\"SHUTDOWN\"]}", "a", "Extension.InvalidEventType",
                "SHUTDOWN: ShutdownEventNotSupportedForInternalExtension"
            ),
            ("{\"events\":[\"FOO\"]}", "a", "Extension.InvalidEventType", "FOO: ErrorInvalidEventType"),
            (
                "{\"configurationKeys\":[\"a\"]}", "a", "InvalidRequestFormat",
                "configurationKeys are deprecated; use environment variables instead"
            ),
        ])
    func refused(body: String, name: String?, type: String, message: String) {
        let answer = register(body, name: name)
        #expect(answer?.status == 403)
        #expect(answer?.text == "{\"errorMessage\":\"\(message)\",\"errorType\":\"\(type)\"}\n")
    }

    @Test("a name can be taken once, ten extensions are the most")
    func limits() throws {
        for number in 0..<10 { _ = try registered(name: "e\(number)") }
        #expect(register("{}", name: "e0")?.text.contains("Extension.TooManyExtensions") == true)
        let small = SessionRig()
        let headers: HTTPHeaders = ["Lambda-Extension-Name": "a"]
        let path = "/2020-01-01/extension/register"
        #expect(small.call("POST", path, Data("{}".utf8), headers: headers)?.status == 200)
        #expect(
            small.call("POST", path, Data("{}".utf8), headers: headers)?.text
                == "{\"errorMessage\":\"Extension with this name already registered\","
                + "\"errorType\":\"Extension.InvalidExtensionState\"}\n")
    }

    @Test("nobody registers once the function has asked for its first event")
    func closed() throws {
        _ = try #require(rig.run(request))
        #expect(
            register("{}")?.text
                == "{\"errorMessage\":\"Extension registration closed already\",\"errorType\":\"Extension.RegistrationClosed\"}\n"
        )
    }

    @Test(
        "whoever is not registered is refused",
        arguments: [
            (nil, "Extension.MissingExtensionIdentifier", "Missing Lambda-Extension-Identifier header"),
            ("zz", "Extension.InvalidExtensionIdentifier", "Invalid Lambda-Extension-Identifier"),
            (
                "7b1d2c3e-1111-4222-8333-444455556666", "Extension.UnknownExtensionIdentifier",
                "Unknown extension 7b1d2c3e-1111-4222-8333-444455556666"
            ),
        ])
    func stranger(identifier: String?, type: String, message: String) {
        var headers = HTTPHeaders()
        headers["Lambda-Extension-Identifier"] = identifier
        let answer = rig.call("GET", next, headers: headers)
        #expect(answer?.status == 403)
        #expect(answer?.text == "{\"errorMessage\":\"\(message)\",\"errorType\":\"\(type)\"}\n")
    }

    @Test("the environment is not ready before every extension waits for an event")
    func readiness() throws {
        let identity = try registered()
        let function = rig.waiting("/2018-06-01/runtime/invocation/next")
        #expect(eventually { rig.session.monitor.read { $0.runtime == .ready } })
        #expect(!rig.session.assign(request, deadlineMilliseconds: .max))
        let events = rig.waiting(next, headers: identity)
        #expect(eventually { rig.session.monitor.read { $0.isReady } })
        #expect(rig.session.assign(request, deadlineMilliseconds: .max))
        #expect(SessionRig.first(function)?.status == 200)
        #expect(events.read { $0.isEmpty }, "an extension without events was given one")
        #expect(
            rig.call("GET", next, headers: identity)?.text.contains(
                "State transition from Ready to Ready failed for extension \(identity.pairs[0].value). ") == true)
        #expect(rig.session.beginStopping(), "with an extension the process is asked to end")
        #expect(events.read { $0.isEmpty }, "it waits until the process ends")
        rig.session.abandon()
        #expect(
            events.wait(untilMilliseconds: EmulatorClock.nowMilliseconds() + 20_000) { $0.isEmpty ? nil : true } == true
        )
    }

    @Test("an extension for invocations is told of each, and must be done before the next one")
    func invocations() throws {
        let identity = try registered("{\"events\":[\"INVOKE\"]}")
        let events = rig.waiting(next, headers: identity)
        _ = try #require(rig.run(request))
        let event = try #require(SessionRig.first(events))
        let document = try JSONValue(parsing: event.body)
        #expect(document["eventType"] == "INVOKE")
        #expect(document["requestId"] == .string(request.requestID))
        #expect(document["tracing"]?["value"] == .string(request.traceID))
        #expect(event.headers["Lambda-Extension-Event-Identifier"] != nil)
        #expect(rig.call("POST", rig.report(request, "response"), Data("1".utf8))?.status == 202)
        let function = rig.waiting("/2018-06-01/runtime/invocation/next")
        #expect(eventually { rig.session.monitor.read { $0.runtime == .ready } })
        #expect(!rig.session.monitor.read { $0.isReady }, "the extension still works")
        let following = rig.waiting(next, headers: identity)
        #expect(eventually { rig.session.monitor.read { $0.isReady } })
        #expect(rig.session.assign(request, deadlineMilliseconds: .max), "the same id again, as in a retry")
        #expect(SessionRig.first(function)?.status == 200)
        #expect(SessionRig.first(following)?.status == 200)
    }

    @Test(
        "an error that an extension reports is what the end of the process is put down to", arguments: ["init", "exit"])
    func reportedError(kind: String) throws {
        let identity = try registered()
        let path = "/2020-01-01/extension/\(kind)/error"
        #expect(
            rig.call("POST", path, headers: identity)?.text
                == "{\"errorMessage\":\"Lambda-Extension-Function-Error-Type not found\","
                + "\"errorType\":\"Extension.MissingHeader\"}\n")
        var headers = identity
        headers["Lambda-Extension-Function-Error-Type"] = "Extension.NoLuck"
        #expect(rig.call("POST", path, headers: headers)?.status == 202)
        #expect(rig.call("POST", path, headers: headers)?.status == 202, "only the first one counts")
        #expect(rig.call("GET", next, headers: identity)?.status == 403)
        _ = rig.session.processEnded(.exited(status: 2))
        let document = try #require(rig.session.waitUntilReady(timeoutMilliseconds: 10, requestID: "r"))
        let error = try JSONValue(parsing: document)
        #expect(error["errorType"] == (kind == "init" ? "Extension.InitError" : "Extension.ExitError"))
        #expect(error["errorMessage"] == "RequestId: r Error: Runtime exited with error: exit status 2")
    }

    @Test("after it asked for events, an extension can no longer fail to start")
    func lateInitError() throws {
        let identity = try registered()
        _ = rig.waiting(next, headers: identity)
        #expect(eventually { rig.session.monitor.read { $0.extensions.areReady } })
        var headers = identity
        headers["Lambda-Extension-Function-Error-Type"] = "Extension.NoLuck"
        let answer = rig.call("POST", "/2020-01-01/extension/init/error", headers: headers)
        #expect(answer?.text.contains("State transition from Ready to InitError failed for extension") == true)
        rig.session.abandon()
    }
}
