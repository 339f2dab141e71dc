import Foundation
import Testing

@testable import Domain

@Suite struct EventCodingTests {
    /// Schema version 1 of every type, exactly as it is in journals. These lines are never edited: what was once
    /// written has to stay readable, and has to be written the same way.
    private static let schemaVersion1: [(String, String)] = [
        (
            "ChargeInitiated",
            #"{"amount":{"amount_minor":1999,"currency":"EUR"},"capture_mode":"automatic","customer_email":"ada@example.com","description":"Order/7 – süß","metadata":{"order":"7"},"payment_method":"pm_card_visa"}"#
        ),
        ("RiskAssessed", #"{"decision":"review","engine":"evaluated","reasons":["large"],"score":50}"#),
        (
            "ChargeProcessingStarted",
            #"{"attempt":1,"provider":"stripe","provider_idempotency_key":"ch_1:charge:1"}"#
        ),
        ("ChargePending", #"{"attempt":1,"evidence":"webhook","provider_reference":"pi_1"}"#),
        (
            "ChargeRequiresAction",
            #"{"attempt":1,"evidence":"response","provider_reference":"pi_1","redirect_url":"https://psp.example/3ds"}"#
        ),
        (
            "ChargeAuthorized",
            #"{"attempt":1,"authorized":{"amount_minor":1999,"currency":"EUR"},"evidence":"response","provider":"stripe","provider_reference":"pi_1"}"#
        ),
        (
            "ChargeSucceeded",
            #"{"attempt":1,"captured":{"amount_minor":1999,"currency":"EUR"},"evidence":"query","provider":"stripe","provider_reference":"pi_1"}"#
        ),
        (
            "ChargeFailed",
            #"{"attempt":1,"evidence":"response","failure":{"decline_code":"insufficient_funds","message":"No.","reason":"card_declined"},"provider":"stripe","provider_reference":"pi_1"}"#
        ),
        ("ChargeCanceled", #"{"attempt":1,"provider_reference":"pi_1","reason":"abandoned"}"#),
        ("ChargeOutcomeUnknown", #"{"attempt":1,"detail":"timed out"}"#),
        (
            "ChargeQuarantined",
            #"{"attempt":1,"detail":"asked for 19.99 EUR","evidence":"webhook","provider_reference":"pi_1","reason":"amount_mismatch","refund_id":"re_1","reported":{"amount_minor":2000,"currency":"EUR"}}"#
        ),
        (
            "RefundInitiated",
            #"{"amount":{"amount_minor":500,"currency":"EUR"},"charge_provider_reference":"pi_1","provider":"stripe","reason":"requested","refund_id":"re_1"}"#
        ),
        ("RefundPending", #"{"evidence":"webhook","provider_reference":"re_s","refund_id":"re_1"}"#),
        (
            "RefundSucceeded",
            #"{"amount":{"amount_minor":500,"currency":"EUR"},"evidence":"webhook","provider":"stripe","provider_reference":"re_s","refund_id":"re_1"}"#
        ),
        (
            "RefundFailed",
            #"{"amount":{"amount_minor":500,"currency":"EUR"},"evidence":"webhook","failure":{"message":"No.","reason":"declined"},"provider":"stripe","provider_reference":"re_s","refund_id":"re_1"}"#
        ),
        ("RefundOutcomeUnknown", #"{"detail":"timed out","refund_id":"re_1"}"#),
    ]

    @Test("schema version 1 of every type is readable and is written byte for byte the same")
    func goldenEvents() throws {
        #expect(Self.schemaVersion1.map(\.0).sorted() == ChargeEventType.allCases.map(\.rawValue).sorted())
        for (type, data) in Self.schemaVersion1 {
            let text = envelope(type: type, data: data)
            let decoded = try EventEnvelope.decoded(from: Data(text.utf8))
            #expect(decoded.type == type)
            #expect(String(decoding: try decoded.encoded(), as: UTF8.self) == text)
            if case .unrecognized = decoded.event { Issue.record("\(type) was not recognised") }
        }
    }

    @Test("optional parts may be absent, null or unknown")
    func tolerance() throws {
        let minimal = #"{"attempt":0,"failure":{"reason":"fraud_risk","message":"No."},"provider":null,"later":[1]}"#
        let decoded = try EventEnvelope.decoded(from: Data(envelope(type: "ChargeFailed", data: minimal).utf8))
        let failure = ChargeFailure(reason: "fraud_risk", message: "No.")
        #expect(decoded.event == .chargeFailed(ChargeFailed(attempt: 0, failure: failure)))
    }

    @Test("D-27: an event of an unknown type is carried and written back byte for byte")
    func unknownType() throws {
        let text = """
            { "type" : "DisputeOpened", "data":{"n":1.10,"z":"\\u00e9","a":[null, true]}, "event_id":"evt_9",\t"later":{},
              "schema_version":7, "stream_id":"ch_1","version":9,"merchant_id":"mer_1",
              "occurred_at":"2026-03-01T12:34:56.789Z","trace_id":"t","causation_id":"c" }

            """
        let decoded = try EventEnvelope.decoded(from: Data(text.utf8))
        #expect(decoded.type == "DisputeOpened")
        #expect((decoded.version, decoded.schemaVersion) == (9, 7))
        #expect(decoded.streamID == ChargeID(rawValue: "ch_1"))
        #expect(try decoded.encoded() == Data(text.utf8))
    }

    @Test("a newer schema of a known type is refused: its meaning is not known")
    func newerSchema() {
        let text = envelope(type: "ChargeSucceeded", data: "{}", schemaVersion: 2)
        #expect(throws: EventCodingError.unsupportedSchemaVersion(type: "ChargeSucceeded", schemaVersion: 2)) {
            try EventEnvelope.decoded(from: Data(text.utf8))
        }
    }

    @Test("encoding is deterministic and keeps the moment")
    func deterministic() throws {
        var generator = SeededGenerator(seed: 4)
        for _ in 0..<200 {
            let metadata = Dictionary(
                uniqueKeysWithValues: (0..<8).map { ("key\($0)", String(UInt64.random(in: 0...99, using: &generator))) }
            )
            let initiated = ChargeInitiated(
                amount: try Sample.money(1), captureMode: .manual, paymentMethod: "pm", metadata: metadata)
            let seconds = Double.random(in: 0...4_000_000_000, using: &generator)
            func make() -> EventEnvelope {
                EventEnvelope(
                    eventID: EventID(rawValue: "evt_1"), streamID: ChargeID(rawValue: "ch_1"), version: 1,
                    merchantID: MerchantID(rawValue: "mer_1"), occurredAt: Date(timeIntervalSince1970: seconds),
                    traceID: "t", causationID: "c", event: .chargeInitiated(initiated))
            }
            let bytes = try make().encoded()
            #expect(try make().encoded() == bytes)
            #expect(try EventEnvelope.decoded(from: bytes) == make())
        }
    }

    @Test("bytes that are no event are refused, and the error names the place but not the content")
    func malformed() {
        let cases: [(String, String)] = [
            ("", "the document is not valid"),
            ("[]", "the document has the wrong type"),
            ("{}", "event_id is missing"),
            (envelope(type: "ChargeSucceeded", data: "{}"), "data.attempt is missing"),
            (envelope(type: "ChargeOutcomeUnknown", data: #"{"attempt":"4242"}"#), "data.attempt has the wrong type"),
            (
                envelope(
                    type: "RefundPending", data: #"{"refund_id":"r","provider_reference":"p","evidence":"rumour"}"#),
                "data.evidence is not valid"
            ),
            (
                envelope(
                    type: "ChargeInitiated",
                    data:
                        #"{"amount":{"amount_minor":1,"currency":"ZZZ"},"capture_mode":"manual","payment_method":"p"}"#),
                "data.amount.currency is not valid"
            ),
            (envelope(type: "X", data: "{}", version: 0), "version counts from 1"),
            (envelope(type: "X", data: "{}", schemaVersion: 0), "schema_version counts from 1"),
            (
                envelope(type: "X", data: "{}").replacing("2026-03-01T12:34:56.789Z", with: "yesterday"),
                "occurred_at is not a UTC timestamp"
            ),
        ]
        for (text, detail) in cases {
            #expect(throws: EventCodingError.malformed(detail)) { try EventEnvelope.decoded(from: Data(text.utf8)) }
        }
    }

    @Test("an event beyond the size limit is neither written nor read")
    func tooLarge() throws {
        let large = String(repeating: "x", count: EventEnvelope.maximumEncodedBytes)
        let envelope = EventEnvelope(
            eventID: EventID(rawValue: "evt_1"), streamID: ChargeID(rawValue: "ch_1"), version: 1,
            merchantID: MerchantID(rawValue: "mer_1"), occurredAt: .distantPast, traceID: "t", causationID: "c",
            event: .chargeOutcomeUnknown(ChargeOutcomeUnknown(attempt: 1, detail: large)))
        #expect(throws: EventCodingError.self) { try envelope.encoded() }
        #expect(
            throws: EventCodingError.tooLarge(
                bytes: large.utf8.count + 1, limitBytes: EventEnvelope.maximumEncodedBytes)
        ) {
            try EventEnvelope.decoded(from: Data((large + "x").utf8))
        }
    }

    private func envelope(type: String, data: String, schemaVersion: Int = 1, version: Int = 3) -> String {
        #"{"causation_id":"req_1","data":\#(data),"event_id":"evt_1","merchant_id":"mer_1","#
            + #""occurred_at":"2026-03-01T12:34:56.789Z","schema_version":\#(schemaVersion),"stream_id":"ch_1","#
            + #""trace_id":"1-67891233-abc","type":"\#(type)","version":\#(version)}"#
    }
}
