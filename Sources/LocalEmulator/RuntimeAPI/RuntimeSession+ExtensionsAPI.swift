import CurlEventLoop
import Foundation

// The calls of the Extensions API, for internal extensions: a part of the function's own process.
extension RuntimeSession {
    /// `POST extension/register`
    func registerExtension(_ request: HTTPServerRequest) -> HTTPServerResponse {
        answered { () throws(ExtensionRefusal) in
            guard let name = request.headers[ExtensionRefusal.nameHeader], !name.isEmpty else { throw .emptyName }
            let events = try Self.events(request.body)
            let identifier = try withExtensions { extensions throws(ExtensionRefusal) in
                try extensions.register(name, events: events)
            }
            var document: JSONValue = [
                "functionName": .string(definition.name), "functionVersion": "$LATEST",
                "handler": .string(definition.handler),
            ]
            let features = request.headers["Lambda-Extension-Accept-Feature"]?.split(separator: ",") ?? []
            if features.contains(where: { $0.trimmingCharacters(in: .whitespaces) == "accountId" }) {
                document["accountId"] = .string(accountID)
            }
            return RuntimeAPIAnswer.document(
                200, document, headers: [ExtensionRefusal.identifierHeader: identifier.uuidString.lowercased()])
        }
    }

    /// `GET extension/event/next`: waits for an event. An extension that takes none waits until the process ends.
    func nextExtensionEvent(_ request: HTTPServerRequest) -> HTTPServerResponse {
        answered { () throws(ExtensionRefusal) in
            let identifier = try Self.identifier(request)
            try withExtensions { extensions throws(ExtensionRefusal) in try extensions.askForNext(identifier) }
            onStateChange()
            return monitor.wait(untilMilliseconds: nil) { state -> HTTPServerResponse? in
                if let invocation = state.request, state.extensions.takeInvocation(identifier) {
                    return self.extensionEvent(invocation, deadline: state.deadlineMilliseconds)
                }
                return state.runtime == .exited || state.runtime == .initError ? .reset : nil
            } ?? .reset
        }
    }

    /// `POST extension/init/error` and `POST extension/exit/error`
    func reportExtensionError(_ request: HTTPServerRequest, _ failure: ExtensionRegistry.Failure)
        -> HTTPServerResponse
    {
        answered { () throws(ExtensionRefusal) in
            let identifier = try Self.identifier(request)
            guard let type = request.headers[ExtensionRefusal.errorTypeHeader], !type.isEmpty else {
                throw .missingErrorType
            }
            try withExtensions { extensions throws(ExtensionRefusal) in try extensions.report(failure, identifier) }
            return RuntimeAPIAnswer.accepted
        }
    }

    private func answered(_ call: () throws(ExtensionRefusal) -> HTTPServerResponse) -> HTTPServerResponse {
        do { return try call() } catch { return error.answer }
    }

    private func withExtensions<Value>(
        _ body: (inout ExtensionRegistry) throws(ExtensionRefusal) -> Value
    ) throws(ExtensionRefusal) -> Value {
        let result: Result<Value, ExtensionRefusal> = monitor.withLock { state in
            do throws(ExtensionRefusal) { return .success(try body(&state.extensions)) } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }

    private static func events(_ body: Data) throws(ExtensionRefusal) -> [ExtensionRegistry.Event] {
        guard let document = try? JSONValue(parsing: body), document.objectValue != nil else {
            throw .malformedRequest("the body is not a JSON object")
        }
        if document["configurationKeys"]?.arrayValue?.isEmpty == false {
            throw .malformedRequest("configurationKeys are deprecated; use environment variables instead")
        }
        var events: [ExtensionRegistry.Event] = []
        for value in document["events"]?.arrayValue ?? [] {
            guard let event = value.stringValue.flatMap(ExtensionRegistry.Event.init(rawValue:)) else {
                throw .eventNotSupported(value.stringValue ?? value.text)
            }
            events.append(event)
        }
        return events
    }

    private static func identifier(_ request: HTTPServerRequest) throws(ExtensionRefusal) -> UUID {
        guard let text = request.headers[ExtensionRefusal.identifierHeader], !text.isEmpty else {
            throw .missingIdentifier
        }
        guard let identifier = UUID(uuidString: text) else { throw .invalidIdentifier }
        return identifier
    }

    private func extensionEvent(_ invocation: InvocationRequest, deadline: Int64) -> HTTPServerResponse {
        RuntimeAPIAnswer.document(
            200,
            [
                "eventType": "INVOKE", "deadlineMs": .integer(deadline),
                "requestId": .string(invocation.requestID), "invokedFunctionArn": .string(functionARN),
                "tracing": ["type": "X-Amzn-Trace-Id", "value": .string(invocation.traceID)],
            ],
            headers: ["Lambda-Extension-Event-Identifier": UUID().uuidString.lowercased()])
    }

    /// `arn:aws:lambda:REGION:ACCOUNT:function:NAME`
    private var accountID: String {
        let parts = functionARN.split(separator: ":", omittingEmptySubsequences: false)
        return parts.count > 4 ? String(parts[4]) : ""
    }
}
