import Wire

extension SQSEvent {
    /// Encodes the batch in the order and shape that Lambda sends.
    public func lambdaPayload() -> Bytes {
        var writer = JSONWriter()
        writer.beginObject()
        writer.key("Records")
        writer.beginArray()
        for record in records { SQSEncoding.write(record, to: &writer) }
        writer.endArray()
        writer.endObject()
        return writer.takeBytes()
    }
}

/// Writes SQS messages as Lambda does; attributes are sorted, so that the same message gives the same bytes.
enum SQSEncoding {
    static func write(_ record: SQSEvent.Record, to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("messageId", record.messageID)
        writer.member("receiptHandle", record.receiptHandle)
        writer.member("body", record.body)
        writer.key("attributes")
        writer.raw(attributes(record.attributes))
        writer.key("messageAttributes")
        writer.raw(messageAttributes(record.messageAttributes))
        writer.member("md5OfMessageAttributes", record.md5OfMessageAttributes)
        writer.member("md5OfBody", record.md5OfBody)
        writer.member("eventSource", record.eventSource)
        writer.member("eventSourceARN", record.eventSourceARN)
        writer.member("awsRegion", record.awsRegion)
        writer.endObject()
    }

    static func attributes(_ attributes: [String: String]) -> Bytes {
        var writer = JSONWriter()
        writer.beginObject()
        for (key, value) in attributes.sorted(by: { $0.key < $1.key }) { writer.member(key, value) }
        writer.endObject()
        return writer.takeBytes()
    }

    static func messageAttributes(_ attributes: [String: SQSEvent.MessageAttribute]) -> Bytes {
        var writer = JSONWriter()
        writer.beginObject()
        for (key, attribute) in attributes.sorted(by: { $0.key < $1.key }) {
            writer.key(key)
            write(attribute, to: &writer)
        }
        writer.endObject()
        return writer.takeBytes()
    }

    private static func write(_ attribute: SQSEvent.MessageAttribute, to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("stringValue", attribute.stringValue)
        writer.member("binaryValue", attribute.binaryValue)
        writer.member("stringListValues", attribute.stringListValues)
        writer.member("binaryListValues", attribute.binaryListValues)
        writer.member("dataType", attribute.dataType)
        writer.endObject()
    }
}

extension JSONWriter {
    /// A member of an object, left out when there is no value.
    mutating func member(_ name: String, _ text: String?) {
        guard let text else { return }
        key(name)
        string(text)
    }

    /// A list of texts, left out when there is none.
    mutating func member(_ name: String, _ texts: [String]?) {
        guard let texts else { return }
        key(name)
        beginArray()
        for text in texts { string(text) }
        endArray()
    }
}
