import Foundation

/// What one attempt to run a function came to.
public struct InvocationResult: Sendable, Equatable {
    /// Identifies the invocation.
    public var requestID: String
    /// The function's response, or the error document.
    public var payload: Data
    /// `Unhandled` when the function failed; the payload is then an error document.
    public var functionError: String?
    /// Wall-clock time from handing over the event to the response, in milliseconds.
    public var durationMilliseconds: Int64

    /// A result made of its parts.
    public init(requestID: String, payload: Data, functionError: String? = nil, durationMilliseconds: Int64 = 0) {
        self.requestID = requestID
        self.payload = payload
        self.functionError = functionError
        self.durationMilliseconds = durationMilliseconds
    }

    /// The message of the error document, for people.
    public var errorMessage: String? {
        guard functionError != nil else { return nil }
        let document = try? JSONValue(parsing: payload)
        let type = document?["errorType"]?.stringValue
        let message = document?["errorMessage"]?.stringValue ?? "no message"
        return type.map { "\($0): \(message)" } ?? message
    }
}

/// One event on its way into a function.
public struct InvocationRequest: Sendable {
    /// Identifies the invocation; an asynchronous retry keeps it.
    public var requestID: String
    /// The event.
    public var payload: Data
    /// The X-Ray trace header.
    public var traceID: String
    /// The caller's client context, decoded.
    public var clientContext: String?

    /// An invocation with fresh ids.
    public init(
        payload: Data, requestID: String = UUID().uuidString.lowercased(), traceID: String? = nil,
        clientContext: String? = nil
    ) {
        self.requestID = requestID
        self.payload = payload
        self.traceID = traceID ?? TraceID.make()
        self.clientContext = clientContext
    }
}

/// X-Ray trace headers.
public enum TraceID {
    /// A new root: `Root=1-<seconds in hex>-<96 bits in hex>;Parent=…;Sampled=1`.
    public static func make() -> String {
        let seconds = String(Int(Date().timeIntervalSince1970), radix: 16)
        return "Root=1-\(seconds)-\(random(12));Parent=\(random(8));Sampled=1"
    }

    private static func random(_ bytes: Int) -> String {
        (0..<bytes).map { _ in
            let text = String(UInt8.random(in: 0...255), radix: 16)
            return text.count == 1 ? "0" + text : text
        }.joined()
    }
}
