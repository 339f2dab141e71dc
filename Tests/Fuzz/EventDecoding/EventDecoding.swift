import LambdaEvents
import Wire

/// Feeds the decoders of the hot path with libFuzzer's inputs. Run by `Tests/Fuzz/run`.
///
/// Beyond not crashing, which the address sanitizer watches: what is accepted is valid JSON, survives encoding and
/// decoding, and its fields can be read.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzEventDecoding(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    // A copy of its own size: a read beyond the end is one beyond the allocation.
    let input = Bytes(copying: UnsafeRawBufferPointer(start: start, count: count))
    let isJSON = isValidJSON(input)
    if let event = try? SQSEvent(lambdaPayload: input) {
        precondition(isJSON, "an SQS event that is no JSON")
        precondition(reencoded(event) == event, "an SQS event that does not survive encoding")
        for record in event.records {
            precondition(Bytes(utf8: record.body) == record.bodyBytes, "two bodies of one message")
            precondition(record.messageGroupID == record.attributes["MessageGroupId"], "two groups of one message")
            _ = record.approximateReceiveCount
        }
    }
    if let event = try? KinesisEvent(lambdaPayload: input) {
        precondition(isJSON, "a Kinesis event that is no JSON")
        precondition(reencoded(event) == event, "a Kinesis event that does not survive encoding")
        for record in event.records {
            precondition(Base64.decode(Base64.encode(record.data)) == record.data, "base64 that does not come back")
        }
    }
    if let response = try? BatchResponse(lambdaPayload: input) {
        precondition(isJSON, "a batch response that is no JSON")
        precondition(reencoded(response) == response, "a batch response that does not survive encoding")
    }
    if let bytes = Base64.decode(input) {
        precondition(Base64.decode(Base64.encode(bytes)) == bytes, "base64 that does not come back")
    }
    return 0
}

private func reencoded<Event: LambdaDecodable & LambdaEncodable>(_ event: Event) -> Event? {
    guard let payload = try? event.lambdaPayload() else { return nil }
    return try? Event(lambdaPayload: payload)
}

private func isValidJSON(_ input: Bytes) -> Bool {
    input.withUnsafeBytes { document in
        do throws(JSONError) {
            var scanner = try JSONScanner(document)
            try scanner.skipValue()
            try scanner.finish()
            return true
        } catch {
            return false
        }
    }
}
