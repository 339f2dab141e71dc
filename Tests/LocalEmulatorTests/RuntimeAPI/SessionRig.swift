import CurlEventLoop
import Foundation

@testable import LocalEmulator

/// The Runtime API of one environment without its process: the test says what the process says.
struct SessionRig {
    /// One answer, taken apart.
    struct Answer: Sendable {
        let status: Int
        let headers: HTTPHeaders
        let body: Data

        var text: String { String(decoding: body, as: UTF8.self) }
    }

    let session: RuntimeSession

    init() {
        let definition = FunctionDefinition(
            name: "F", codeURI: ".", handler: "h", timeoutSeconds: 10, memoryMegabytes: 128, variables: [:])
        session = RuntimeSession(
            definition: definition, functionARN: "arn:aws:lambda:eu-west-1:000000000000:function:F", onStateChange: {})
    }

    /// One call; `nil` when the connection was closed without an answer.
    func call(
        _ method: String, _ path: String, _ body: Data = Data(), headers: HTTPHeaders = [:],
        trailers: HTTPHeaders = [:], completeness: HTTPBodyCompleteness = .complete
    ) -> Answer? {
        let request = HTTPServerRequest(
            method: method, target: path, headers: headers, body: body, trailers: trailers,
            bodyCompleteness: completeness)
        guard case .reply(let status, let headers, let body) = RuntimeAPIRouter.answer(request, session) else {
            return nil
        }
        return Answer(status: status, headers: headers, body: body)
    }

    /// A call that waits, on a thread of its own.
    func waiting(_ path: String, headers: HTTPHeaders = [:]) -> Monitor<[Answer?]> {
        let answers = Monitor<[Answer?]>([])
        let rig = self
        Thread {
            let answer = rig.call("GET", path, headers: headers)
            answers.withLock { $0.append(answer) }
        }.start()
        return answers
    }

    /// Brings the process to work on an event.
    func run(_ request: InvocationRequest) -> Answer? {
        let answers = waiting("/2018-06-01/runtime/invocation/next")
        guard eventually({ session.monitor.read { $0.isReady } }),
            session.assign(request, deadlineMilliseconds: EmulatorClock.nowMilliseconds() + 10_000)
        else { return nil }
        return Self.first(answers)
    }

    /// The path of a report on an invocation.
    func report(_ request: InvocationRequest, _ kind: String) -> String {
        "/2018-06-01/runtime/invocation/\(request.requestID)/\(kind)"
    }

    static func first(_ answers: Monitor<[Answer?]>) -> Answer? {
        answers.wait(untilMilliseconds: EmulatorClock.nowMilliseconds() + 20_000) { $0.first } ?? nil
    }
}
