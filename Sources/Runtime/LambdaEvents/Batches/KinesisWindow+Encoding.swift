import Wire

extension KinesisEvent.Window {
    /// Writes the window's members into the event that is being written.
    func write(to writer: inout JSONWriter) throws(LambdaEventError) {
        writer.key("window")
        writer.beginObject()
        writer.member("start", start)
        writer.member("end", end)
        writer.endObject()
        writer.key("state")
        try writer.state(state, expected: KinesisEvent.Record.event)
        writer.member("shardId", shardID)
        writer.member("eventSourceARN", eventSourceARN)
        writer.key("isFinalInvokeForWindow")
        writer.boolean(isFinalInvocation)
        writer.key("isWindowTerminatedEarly")
        writer.boolean(isTerminatedEarly)
    }
}

extension JSONWriter {
    /// A window's state as a value, which must be JSON: anything else would break the document around it.
    mutating func state(_ state: Bytes, expected: String) throws(LambdaEventError) {
        guard state.isJSONValue else { throw LambdaEventError(expected: expected, detail: "state is not JSON") }
        raw(state)
    }
}

extension Bytes {
    /// Whether these are one JSON value, without the byte order mark that only a document may begin with.
    fileprivate var isJSONValue: Bool {
        withUnsafeBytes { memory in
            do throws(JSONError) {
                var scanner = try JSONScanner(memory)
                guard scanner.position == 0 else { return false }
                try scanner.skipValue()
                try scanner.finish()
                return true
            } catch {
                return false
            }
        }
    }
}
