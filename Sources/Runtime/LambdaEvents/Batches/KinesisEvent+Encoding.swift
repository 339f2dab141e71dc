import Wire

extension KinesisEvent {
    /// Encodes the batch in the order and shape that Lambda sends.
    ///
    /// Throws for a time that JSON cannot express, and for a window's state that is no JSON.
    public func lambdaPayload() throws(LambdaEventError) -> Bytes {
        var writer = JSONWriter()
        writer.beginObject()
        writer.key("Records")
        writer.beginArray()
        for (index, record) in records.enumerated() {
            guard Self.write(record, to: &writer) else {
                throw LambdaEventError(
                    expected: Record.event,
                    detail: "Records[\(index)].kinesis.approximateArrivalTimestamp is not finite")
            }
        }
        writer.endArray()
        try window?.write(to: &writer)
        writer.endObject()
        return writer.takeBytes()
    }

    /// - Returns: whether the record's numbers can be written.
    private static func write(_ record: Record, to writer: inout JSONWriter) -> Bool {
        writer.beginObject()
        writer.key("kinesis")
        guard write(record.kinesis, to: &writer) else { return false }
        writer.member("eventSource", record.eventSource)
        writer.member("eventVersion", record.eventVersion)
        writer.member("eventID", record.eventID)
        writer.member("eventName", record.eventName)
        writer.member("invokeIdentityArn", record.invokeIdentityARN)
        writer.member("awsRegion", record.awsRegion)
        writer.member("eventSourceARN", record.eventSourceARN)
        writer.endObject()
        return true
    }

    private static func write(_ payload: Payload, to writer: inout JSONWriter) -> Bool {
        writer.beginObject()
        writer.member("kinesisSchemaVersion", payload.kinesisSchemaVersion)
        writer.member("partitionKey", payload.partitionKey)
        writer.member("sequenceNumber", payload.sequenceNumber)
        writer.key("data")
        writer.base64(payload.data)
        writer.key("approximateArrivalTimestamp")
        guard writer.number(payload.approximateArrivalTimestamp) else { return false }
        writer.member("encryptionType", payload.encryptionType)
        writer.endObject()
        return true
    }
}
