import Wire

extension KinesisEvent.Record: BatchRecord {
    static let event = "KinesisEvent"

    init(view: RecordView) {
        self.view = view
    }

    /// The fields of a record and of the payload in it, each with its column but `kinesis`, which holds the payload.
    enum Field: Int {
        case eventSource, eventVersion, eventID, eventName, invokeIdentityARN, awsRegion, eventSourceARN
        case kinesisSchemaVersion, partitionKey, sequenceNumber, data, approximateArrivalTimestamp
        case encryptionType
        case kinesis

        /// The first seven and the last, as bits.
        static let required: UInt32 = 1 << 7 - 1 | 1 << UInt32(kinesis.rawValue)
        /// Five from `kinesisSchemaVersion` on, as bits.
        static let requiredInPayload: UInt32 = (1 << 5 - 1) << UInt32(kinesisSchemaVersion.rawValue)

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

    static func path(ofField field: Int) -> String {
        switch Field(rawValue: field) {
        case .invokeIdentityARN: "invokeIdentityArn"
        case .some(let field) where (7...12).contains(field.rawValue): "kinesis.\(field)"
        case .some(let field): "\(field)"
        case nil: ""
        }
    }

    static func read(
        _ scanner: inout JSONScanner, into row: inout RecordRow, _ arena: inout ByteBuffer, _ place: inout BatchPlace
    ) throws(JSONError) {
        var seen: UInt32 = 0
        try scanner.enterObject()
        while let key = try scanner.nextKey() {
            guard let field = scanner.withText(of: key, Field.init(key:)), seen & 1 << UInt32(field.rawValue) == 0
            else {
                try scanner.skipValue()
                continue
            }
            seen |= 1 << UInt32(field.rawValue)
            place.field = field.rawValue
            if field == .kinesis {
                try readPayload(&scanner, into: &row, &arena, &place)
            } else {
                row.set(field.rawValue, try scanner.string())
            }
        }
        try require(Field.required, seen, at: scanner.position, &place)
    }

    private static func readPayload(
        _ scanner: inout JSONScanner, into row: inout RecordRow, _ arena: inout ByteBuffer, _ place: inout BatchPlace
    ) throws(JSONError) {
        var seen: UInt32 = 0
        try scanner.enterObject()
        while let key = try scanner.nextKey() {
            guard let field = scanner.withText(of: key, Field.init(payloadKey:)),
                seen & 1 << UInt32(field.rawValue) == 0
            else {
                try scanner.skipValue()
                continue
            }
            seen |= 1 << UInt32(field.rawValue)
            place.field = field.rawValue
            switch field {
            case .data: row.set(field.rawValue, try scanner.base64(into: &arena))
            case .approximateArrivalTimestamp: row.set(field.rawValue, try scanner.double())
            case .encryptionType:
                if let string = try scanner.optionalString() { row.set(field.rawValue, string) }
            default: row.set(field.rawValue, try scanner.string())
            }
        }
        try require(Field.requiredInPayload, seen, at: scanner.position, &place)
    }

    /// Makes sure that no required field is missing.
    private static func require(
        _ required: UInt32, _ seen: UInt32, at position: Int, _ place: inout BatchPlace
    ) throws(JSONError) {
        let missing = required & ~seen
        guard missing != 0 else { return }
        place.field = missing.trailingZeroBitCount
        throw JSONError(.isMissing, at: position)
    }
}
