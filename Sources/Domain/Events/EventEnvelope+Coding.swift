import FoundationEssentials

extension EventEnvelope {
    /// The envelope as JSON. Deterministic: sorted keys, no white space, so equal envelopes give equal bytes on every
    /// machine. An event that was not recognised gives back the bytes it came with.
    ///
    /// - Throws: `EventCodingError.tooLarge`; `EventCodingError.malformed` when a value cannot be written as JSON.
    public func encoded() throws(EventCodingError) -> Data {
        if case .unrecognized(let event) = event { return event.originalBytes }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let data: Data
        do {
            data = try encoder.encode(EnvelopeWriter(envelope: self))
        } catch {
            throw .malformed("\(type) cannot be written as JSON")
        }
        guard data.count <= Self.maximumEncodedBytes else {
            throw .tooLarge(bytes: data.count, limitBytes: Self.maximumEncodedBytes)
        }
        return data
    }

    /// Reads an envelope. Unknown fields are ignored; an unknown type is carried as `.unrecognized`.
    ///
    /// - Throws: `EventCodingError`.
    public static func decoded(from data: Data) throws(EventCodingError) -> EventEnvelope {
        guard data.count <= maximumEncodedBytes else {
            throw .tooLarge(bytes: data.count, limitBytes: maximumEncodedBytes)
        }
        let read: EnvelopeReader
        do {
            read = try JSONDecoder().decode(EnvelopeReader.self, from: data)
        } catch let error as EventCodingError {
            throw error
        } catch let error as DecodingError {
            throw .malformed(describe(error))
        } catch {
            throw .malformed("unreadable")
        }
        return EventEnvelope(
            eventID: read.eventID,
            schemaVersion: read.schemaVersion,
            streamID: read.streamID,
            version: read.version,
            merchantID: read.merchantID,
            occurredAt: read.occurredAt,
            traceID: read.traceID,
            causationID: read.causationID,
            event: read.event ?? .unrecognized(UnrecognizedEvent(type: read.type, originalBytes: data))
        )
    }

    /// Path and kind of the problem, without the offending value: it may be personal data.
    private static func describe(_ error: DecodingError) -> String {
        func path(_ context: DecodingError.Context, _ last: (any CodingKey)? = nil) -> String {
            let keys = context.codingPath + (last.map { [$0] } ?? [])
            return keys.isEmpty ? "the document" : keys.map(\.stringValue).joined(separator: ".")
        }
        return switch error {
        case .keyNotFound(let key, let context): "\(path(context, key)) is missing"
        case .valueNotFound(_, let context): "\(path(context)) is null"
        case .typeMismatch(_, let context): "\(path(context)) has the wrong type"
        case .dataCorrupted(let context): "\(path(context)) is not valid"
        @unknown default: "unreadable"
        }
    }
}

private enum EnvelopeKeys: String, CodingKey {
    case eventID = "event_id"
    case type
    case schemaVersion = "schema_version"
    case streamID = "stream_id"
    case version
    case merchantID = "merchant_id"
    case occurredAt = "occurred_at"
    case traceID = "trace_id"
    case causationID = "causation_id"
    case data
}

private struct EnvelopeWriter: Encodable {
    let envelope: EventEnvelope

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: EnvelopeKeys.self)
        try container.encode(envelope.eventID, forKey: .eventID)
        try container.encode(envelope.type, forKey: .type)
        try container.encode(envelope.schemaVersion, forKey: .schemaVersion)
        try container.encode(envelope.streamID, forKey: .streamID)
        try container.encode(envelope.version, forKey: .version)
        try container.encode(envelope.merchantID, forKey: .merchantID)
        try container.encode(RFC3339.format(envelope.occurredAt), forKey: .occurredAt)
        try container.encode(envelope.traceID, forKey: .traceID)
        try container.encode(envelope.causationID, forKey: .causationID)
        if let payload = envelope.event.payload {
            try container.encode(payload, forKey: .data)
        }
    }
}

private struct EnvelopeReader: Decodable {
    let eventID: EventID
    let type: String
    let schemaVersion: Int
    let streamID: ChargeID
    let version: Int
    let merchantID: MerchantID
    let occurredAt: Date
    let traceID: String
    let causationID: String
    /// Nil when the type is not known.
    let event: ChargeEvent?

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: EnvelopeKeys.self)
        eventID = try container.decode(EventID.self, forKey: .eventID)
        type = try container.decode(String.self, forKey: .type)
        schemaVersion = try container.decode(Int.self, forKey: .schemaVersion)
        streamID = try container.decode(ChargeID.self, forKey: .streamID)
        version = try container.decode(Int.self, forKey: .version)
        merchantID = try container.decode(MerchantID.self, forKey: .merchantID)
        traceID = try container.decode(String.self, forKey: .traceID)
        causationID = try container.decode(String.self, forKey: .causationID)
        guard let occurredAt = RFC3339.parse(try container.decode(String.self, forKey: .occurredAt)) else {
            throw EventCodingError.malformed("occurred_at is not a UTC timestamp")
        }
        self.occurredAt = occurredAt
        guard version >= 1 else { throw EventCodingError.malformed("version counts from 1") }
        guard schemaVersion >= 1 else { throw EventCodingError.malformed("schema_version counts from 1") }
        guard let knownType = ChargeEventType(rawValue: type) else {
            event = nil
            return
        }
        guard schemaVersion <= EventEnvelope.currentSchemaVersion else {
            throw EventCodingError.unsupportedSchemaVersion(type: type, schemaVersion: schemaVersion)
        }
        event = try Self.event(knownType, container)
    }

    private static func event(
        _ type: ChargeEventType,
        _ container: KeyedDecodingContainer<EnvelopeKeys>
    ) throws -> ChargeEvent {
        func payload<Payload: Decodable>() throws -> Payload {
            try container.decode(Payload.self, forKey: .data)
        }
        return switch type {
        case .chargeInitiated: .chargeInitiated(try payload())
        case .riskAssessed: .riskAssessed(try payload())
        case .chargeProcessingStarted: .chargeProcessingStarted(try payload())
        case .chargePending: .chargePending(try payload())
        case .chargeRequiresAction: .chargeRequiresAction(try payload())
        case .chargeAuthorized: .chargeAuthorized(try payload())
        case .chargeSucceeded: .chargeSucceeded(try payload())
        case .chargeFailed: .chargeFailed(try payload())
        case .chargeCanceled: .chargeCanceled(try payload())
        case .chargeOutcomeUnknown: .chargeOutcomeUnknown(try payload())
        case .chargeQuarantined: .chargeQuarantined(try payload())
        case .refundInitiated: .refundInitiated(try payload())
        case .refundPending: .refundPending(try payload())
        case .refundSucceeded: .refundSucceeded(try payload())
        case .refundFailed: .refundFailed(try payload())
        case .refundOutcomeUnknown: .refundOutcomeUnknown(try payload())
        }
    }
}

extension ChargeEvent {
    /// What stands under `data`; nil for an event that is carried as bytes.
    fileprivate var payload: (any Encodable)? {
        switch self {
        case .chargeInitiated(let payload): payload
        case .riskAssessed(let payload): payload
        case .chargeProcessingStarted(let payload): payload
        case .chargePending(let payload): payload
        case .chargeRequiresAction(let payload): payload
        case .chargeAuthorized(let payload): payload
        case .chargeSucceeded(let payload): payload
        case .chargeFailed(let payload): payload
        case .chargeCanceled(let payload): payload
        case .chargeOutcomeUnknown(let payload): payload
        case .chargeQuarantined(let payload): payload
        case .refundInitiated(let payload): payload
        case .refundPending(let payload): payload
        case .refundSucceeded(let payload): payload
        case .refundFailed(let payload): payload
        case .refundOutcomeUnknown(let payload): payload
        case .unrecognized: nil
        }
    }
}
