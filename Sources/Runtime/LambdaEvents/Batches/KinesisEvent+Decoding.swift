import Wire

extension KinesisEvent.Record: BatchRecord {
    static let event = "KinesisEvent"

    init(view: RecordView) {
        self.view = view
    }

    /// The fields of a record and of the payload in it, each with its column but `kinesis`, which holds the payload.
    enum Field: Int {
        case eventSource, eventVersion, eventID, eventName, invokeIdentityARN, awsRegion, eventSourceARN
        case kinesisSchemaVersion, partitionKey, sequenceNumber, data, approximateArrivalTimestamp, encryptionType
        case kinesis

        /// The field's path in its record.
        var path: String {
            switch self {
            case .invokeIdentityARN: "invokeIdentityArn"
            case .kinesisSchemaVersion, .partitionKey, .sequenceNumber, .data, .approximateArrivalTimestamp,
                .encryptionType:
                "kinesis.\(self)"
            case .eventSource, .eventVersion, .eventID, .eventName, .awsRegion, .eventSourceARN, .kinesis: "\(self)"
            }
        }

        /// The field of a record's key.
        @inline(__always)
        init?(key: UnsafeRawBufferPointer) {
            switch key.count {
            case 7 where key.isEqual(to: "kinesis"): self = .kinesis
            case 7 where key.isEqual(to: "eventID"): self = .eventID
            case 9 where key.isEqual(to: "eventName"): self = .eventName
            case 9 where key.isEqual(to: "awsRegion"): self = .awsRegion
            case 11 where key.isEqual(to: "eventSource"): self = .eventSource
            case 12 where key.isEqual(to: "eventVersion"): self = .eventVersion
            case 14 where key.isEqual(to: "eventSourceARN"): self = .eventSourceARN
            case 17 where key.isEqual(to: "invokeIdentityArn"): self = .invokeIdentityARN
            default: return nil
            }
        }

        /// The field of a payload's key.
        @inline(__always)
        init?(payloadKey key: UnsafeRawBufferPointer) {
            switch key.count {
            case 4 where key.isEqual(to: "data"): self = .data
            case 12 where key.isEqual(to: "partitionKey"): self = .partitionKey
            case 14 where key.isEqual(to: "sequenceNumber"): self = .sequenceNumber
            case 14 where key.isEqual(to: "encryptionType"): self = .encryptionType
            case 20 where key.isEqual(to: "kinesisSchemaVersion"): self = .kinesisSchemaVersion
            case 27 where key.isEqual(to: "approximateArrivalTimestamp"): self = .approximateArrivalTimestamp
            default: return nil
            }
        }
    }

    static func path(ofField field: Int) -> String { Field(rawValue: field)?.path ?? "" }

    static func read(
        _ scanner: inout JSONScanner, into row: inout RecordRow, _ arena: inout ByteBuffer, _ place: inout BatchPlace
    ) throws(JSONError) {
        var seen = FieldSet<Field>()
        try scanner.enterObject()
        while let key = try scanner.nextKey() {
            guard let field = scanner.withText(of: key, Field.init(key:)), seen.insert(field) else {
                try scanner.skipValue()
                continue
            }
            place.field = field.rawValue
            if field == .kinesis {
                try readPayload(&scanner, into: &row, &arena, &place)
            } else {
                row.set(field.rawValue, try scanner.optionalString())
            }
        }
        try seen.require(.kinesis, at: scanner.position, &place)
    }

    private static func readPayload(
        _ scanner: inout JSONScanner, into row: inout RecordRow, _ arena: inout ByteBuffer, _ place: inout BatchPlace
    ) throws(JSONError) {
        var seen = FieldSet<Field>()
        try scanner.enterObject()
        while let key = try scanner.nextKey() {
            guard let field = scanner.withText(of: key, Field.init(payloadKey:)), seen.insert(field) else {
                try scanner.skipValue()
                continue
            }
            place.field = field.rawValue
            switch field {
            case .data: row.set(field.rawValue, try scanner.base64(into: &arena))
            case .partitionKey, .sequenceNumber: row.set(field.rawValue, try scanner.string())
            case .approximateArrivalTimestamp:
                if try !scanner.skipNull() { row.set(field.rawValue, try scanner.double()) }
            default: row.set(field.rawValue, try scanner.optionalString())
            }
        }
        try seen.require(.partitionKey, at: scanner.position, &place)
        try seen.require(.sequenceNumber, at: scanner.position, &place)
        try seen.require(.data, at: scanner.position, &place)
    }
}
