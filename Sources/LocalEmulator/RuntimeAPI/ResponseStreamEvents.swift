import Foundation

/// The events that `InvokeWithResponseStream` tells a response in: its chunks, then how it ended.
enum ResponseStreamEvents {
    /// How much of the response one event carries.
    static let chunkBytes = 64 * 1024

    /// All events of a result, one after the other.
    static func encoded(_ result: InvocationResult) -> Data {
        let streamed = result.functionError == nil ? result.payload : result.streamedBeforeError ?? Data()
        var events = Data()
        var rest = streamed[...]
        while !rest.isEmpty {
            let chunk = rest.prefix(chunkBytes)
            events.append(
                EventStreamMessage.event("PayloadChunk", contentType: "application/octet-stream", payload: Data(chunk))
                    .encoded())
            rest = rest.dropFirst(chunk.count)
        }
        var end: JSONValue = [:]
        if result.functionError != nil {
            end["ErrorCode"] = .string(result.errorType ?? "Unhandled")
            end["ErrorDetails"] = .string(String(decoding: result.payload, as: UTF8.self))
        }
        events.append(
            EventStreamMessage.event("InvokeComplete", contentType: "application/json", payload: end.serialized())
                .encoded())
        return events
    }
}
