import Wire

extension SQSEvent {
    /// System attributes that have columns of their own.
    enum SystemAttribute {
        static let messageGroupID = "MessageGroupId"
        static let receiveCount = "ApproximateReceiveCount"
    }
}

extension SQSEvent.Record: BatchRecord {
    static let event = "SQSEvent"

    init(view: RecordView) {
        self.view = view
    }

    /// The fields of a record, each with its column; the last two are attributes.
    enum Field: Int {
        case messageID, receiptHandle, body, attributes, messageAttributes, md5OfBody, eventSource, eventSourceARN
        case awsRegion, md5OfMessageAttributes, messageGroupID, receiveCount

        /// The field of a key.
        @inline(__always)
        init?(key: UnsafeRawBufferPointer) {
            switch key.count {
            case 4 where key.isEqual(to: "body"): self = .body
            case 9 where key.isEqual(to: "messageId"): self = .messageID
            case 9 where key.isEqual(to: "md5OfBody"): self = .md5OfBody
            case 9 where key.isEqual(to: "awsRegion"): self = .awsRegion
            case 10 where key.isEqual(to: "attributes"): self = .attributes
            case 11 where key.isEqual(to: "eventSource"): self = .eventSource
            case 13 where key.isEqual(to: "receiptHandle"): self = .receiptHandle
            case 14 where key.isEqual(to: "eventSourceARN"): self = .eventSourceARN
            case 17 where key.isEqual(to: "messageAttributes"): self = .messageAttributes
            case 22 where key.isEqual(to: "md5OfMessageAttributes"): self = .md5OfMessageAttributes
            default: return nil
            }
        }
    }

    static func path(ofField field: Int) -> String {
        switch Field(rawValue: field) {
        case .messageID: "messageId"
        case .some(let field): "\(field)"
        case nil: ""
        }
    }

    static func read(
        _ scanner: inout JSONScanner, into row: inout RecordRow, _: inout ByteBuffer, _ place: inout BatchPlace
    ) throws(JSONError) {
        var seen = FieldSet<Field>()
        try scanner.enterObject()
        while let key = try scanner.nextKey() {
            guard let field = scanner.withText(of: key, Field.init(key:)), seen.insert(field) else {
                try scanner.skipValue()
                continue
            }
            place.field = field.rawValue
            switch field {
            case .messageID, .body: row.set(field.rawValue, try scanner.string())
            case .attributes: try readAttributes(&scanner, into: &row, &place.member)
            case .messageAttributes: try readMessageAttributes(&scanner, into: &row, &place.member)
            default: row.set(field.rawValue, try scanner.optionalString())
            }
        }
        try seen.require(.messageID, at: scanner.position, &place)
        try seen.require(.body, at: scanner.position, &place)
    }

    private static func readAttributes(
        _ scanner: inout JSONScanner, into row: inout RecordRow, _ member: inout StaticString
    ) throws(JSONError) {
        if try scanner.skipNull() { return }
        let start = scanner.position
        var seen = FieldSet<Field>()
        try StringKeyedObject.read(&scanner) { (scanner, key) throws(JSONError) in
            member = ".*"
            let value = try scanner.optionalString()
            guard let field = scanner.withText(of: key, attribute(key:)), seen.insert(field) else { return }
            row.set(field.rawValue, value)
        }
        member = ""
        row.set(Field.attributes.rawValue, start..<scanner.position)
    }

    /// The column of an attribute that has one.
    @inline(__always)
    private static func attribute(key: UnsafeRawBufferPointer) -> Field? {
        switch key.count {
        case 14 where key.isEqual(to: "MessageGroupId"): .messageGroupID
        case 23 where key.isEqual(to: "ApproximateReceiveCount"): .receiveCount
        default: nil
        }
    }

    private static func readMessageAttributes(
        _ scanner: inout JSONScanner, into row: inout RecordRow, _ member: inout StaticString
    ) throws(JSONError) {
        if try scanner.skipNull() { return }
        let start = scanner.position
        try StringKeyedObject.read(&scanner) { (scanner, _) throws(JSONError) in
            member = ".*"
            if try !scanner.skipNull() { _ = try MessageAttributeFields(&scanner, &member) }
        }
        member = ""
        row.set(Field.messageAttributes.rawValue, start..<scanner.position)
    }
}
