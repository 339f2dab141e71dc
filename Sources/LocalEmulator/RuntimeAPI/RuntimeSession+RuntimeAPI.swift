import CurlEventLoop
import Foundation

// The calls of the Runtime API, each on the thread of the connection it came on.
extension RuntimeSession {
    /// `GET runtime/invocation/next`: waits for an event.
    func next() -> HTTPServerResponse {
        let refusal: HTTPServerResponse? = monitor.withLock { state in
            do throws(TransitionRefused) {
                try state.runtime.askForNext()
                state.extensions.close()
                return nil
            } catch {
                return RuntimeAPIAnswer.refused(error)
            }
        }
        if let refusal { return refusal }
        onStateChange()
        return monitor.wait(untilMilliseconds: nil) { state -> HTTPServerResponse? in
            switch state.runtime {
            case .assigned(let requestID), .running(let requestID):
                guard let request = state.request else { return nil }
                state.runtime = .running(requestID: requestID)
                state.isFetched = true
                return self.event(request, deadline: state.deadlineMilliseconds)
            case .exited, .initError: return .reset
            case .started, .ready, .replying, .responseSent: return nil
            }
        } ?? .reset
    }

    /// `POST runtime/invocation/{id}/response`
    func respond(_ requestID: String, _ request: HTTPServerRequest) -> HTTPServerResponse {
        reply(.response, requestID) { FunctionReply.response(request, takesStream: $0.takesStream) }
    }

    /// `POST runtime/invocation/{id}/error`
    func reportError(_ requestID: String, _ request: HTTPServerRequest) -> HTTPServerResponse {
        reply(.error, requestID) { _ in FunctionReply.error(request) }
    }

    /// `POST runtime/init/error`
    func reportInitError(_ request: HTTPServerRequest) -> HTTPServerResponse {
        monitor.withLock { state in
            do throws(TransitionRefused) {
                try state.runtime.reportInitError()
                state.initError = request.body
                return RuntimeAPIAnswer.accepted
            } catch {
                return RuntimeAPIAnswer.refused(error)
            }
        }
    }

    private func reply(
        _ kind: RuntimeState.Reply, _ requestID: String, _ judge: (InvocationRequest) -> FunctionReply
    ) -> HTTPServerResponse {
        monitor.withLock { state in
            // The id is checked before the transition, and a wrong one changes nothing.
            guard let invocation = state.request, invocation.requestID == requestID else {
                return RuntimeAPIAnswer.invalidRequestID
            }
            do throws(TransitionRefused) { try state.runtime.reply(kind) } catch {
                return RuntimeAPIAnswer.refused(error)
            }
            let reply = judge(invocation)
            state.outcome = reply.outcome
            if reply.isComplete { state.runtime = .responseSent }
            return reply.answer
        }
    }

    private func event(_ request: InvocationRequest, deadline: Int64) -> HTTPServerResponse {
        var headers: HTTPHeaders = [
            "Content-Type": "application/json",
            "Lambda-Runtime-Aws-Request-Id": request.requestID,
            "Lambda-Runtime-Deadline-Ms": String(deadline),
            "Lambda-Runtime-Invoked-Function-Arn": functionARN,
            "Lambda-Runtime-Trace-Id": request.traceID,
        ]
        headers["Lambda-Runtime-Client-Context"] = request.clientContext
        headers["Lambda-Runtime-Cognito-Identity"] = request.cognitoIdentity?.document
        headers["Lambda-Runtime-Aws-Tenant-Id"] = request.tenantID
        return .reply(status: 200, headers: headers, body: request.payload)
    }
}
