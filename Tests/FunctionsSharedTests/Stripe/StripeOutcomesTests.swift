import Domain
import FoundationEssentials
import FunctionsTestSupport
import HTTPClient
import Testing

@testable import FunctionsShared

/// The table that decides between "it happened", "it did not" and "nobody knows".
@Suite("Stripe outcomes")
struct StripeOutcomesTests {
    private func intent(_ fields: String) throws -> StripePaymentIntent {
        let text =
            #"{"id":"pi_1","object":"payment_intent","amount":1999,"currency":"eur","#
            + #""metadata":{"charge_id":"ch_1"},"# + fields + "}"
        return try #require(JSON(parsing: Data(text.utf8)).flatMap(StripePaymentIntent.init))
    }

    private func evidence(_ amountMinor: Int64, _ currency: String = "EUR", isCaptured: Bool = true) throws
        -> GatewayOutcome
    {
        .succeeded(
            GatewayEvidence(
                reference: "pi_1", amount: Money(amountMinor: amountMinor, currency: try Currency(currency)),
                isCaptured: isCaptured))
    }

    @Test("a success carries what was received, an authorisation what is held")
    func money() throws {
        let taken = try intent(#""status":"succeeded","amount_received":1999"#)
        #expect(StripeOutcomes.outcome(of: taken) == (try evidence(1999)))
        let held = try intent(#""status":"requires_capture","amount_capturable":1999,"amount_received":0"#)
        #expect(StripeOutcomes.outcome(of: held) == (try evidence(1999, isCaptured: false)))
    }

    @Test("D-23: another amount or currency than asked for is visible in the evidence")
    func wrongMoney() throws {
        let less = try intent(#""status":"succeeded","amount_received":1000"#)
        #expect(StripeOutcomes.outcome(of: less) == (try evidence(1000)))
        let other = JSON(
            parsing: Data(
                #"{"id":"pi_1","object":"payment_intent","amount":1999,"currency":"usd","status":"succeeded"}"#.utf8))
        let intent = try #require(other.flatMap(StripePaymentIntent.init))
        #expect(StripeOutcomes.outcome(of: intent) == (try evidence(1999, "USD")))
    }

    @Test("a customer action, with and without a redirect")
    func action() throws {
        let redirect = try intent(
            #""status":"requires_action","next_action":{"type":"redirect_to_url","#
                + #""redirect_to_url":{"url":"https://hooks.stripe.com/3ds","return_url":null}}"#)
        #expect(
            StripeOutcomes.outcome(of: redirect)
                == .requiresAction(reference: "pi_1", redirectURL: "https://hooks.stripe.com/3ds"))
        let sdk = try intent(#""status":"requires_action","next_action":{"type":"use_stripe_sdk"}"#)
        #expect(StripeOutcomes.outcome(of: sdk) == .requiresAction(reference: "pi_1", redirectURL: nil))
    }

    @Test("requires_payment_method is a refusal only with an error: the same status stands before confirmation")
    func requiresPaymentMethod() throws {
        let declined = try intent(
            #""status":"requires_payment_method","last_payment_error":{"type":"card_error","code":"card_declined","#
                + #""decline_code":"insufficient_funds","message":"Your card has insufficient funds."}"#)
        #expect(
            StripeOutcomes.outcome(of: declined)
                == .declined(
                    GatewayDecline(
                        reason: "card_declined", declineCode: "insufficient_funds",
                        message: "Your card has insufficient funds.", reference: "pi_1")))
        let fresh = StripeOutcomes.outcome(
            of: try intent(#""status":"requires_payment_method","last_payment_error":null"#))
        #expect(isUnknown(fresh))
    }

    @Test("processing is pending, canceled is a refusal")
    func others() throws {
        #expect(
            StripeOutcomes.outcome(of: try intent(#""status":"processing""#)) == .pending(reference: "pi_1"))
        guard case .declined(let decline) = StripeOutcomes.outcome(of: try intent(#""status":"canceled""#)) else {
            Issue.record("canceled must be a refusal")
            return
        }
        #expect(decline.reason == "canceled")
        #expect(decline.reach == .cancellation)
    }

    @Test("D-27: a status that Stripe adds tomorrow is unknown, not a crash and not a guess")
    func openStatus() throws {
        #expect(isUnknown(StripeOutcomes.outcome(of: try intent(#""status":"requires_moon_phase""#))))
        let refund = try refund(#""status":"teleported""#)
        #expect(isUnknown(StripeOutcomes.outcome(of: refund)))
    }

    @Test("D-27: unknown fields and odd types of unneeded fields break nothing")
    func unknownFields() throws {
        let odd = try intent(
            #""status":"succeeded","amount_received":1999,"new_thing":{"deep":[1,2,{}]},"last_payment_error":"odd","#
                + #""next_action":[],"cancellation_reason":7"#)
        #expect(StripeOutcomes.outcome(of: odd) == (try evidence(1999)))
    }

    @Test("D-14: amounts are converted without rounding, or the outcome is unknown")
    func conversion() throws {
        func succeeded(_ amount: String, _ currency: String) throws -> GatewayOutcome {
            let text =
                #"{"id":"pi_1","object":"payment_intent","status":"succeeded","amount":\#(amount),"#
                + #""amount_received":\#(amount),"currency":"\#(currency)"}"#
            let document = try #require(JSON(parsing: Data(text.utf8)))
            return StripeOutcomes.outcome(of: try #require(StripePaymentIntent(document)))
        }
        #expect(try succeeded("500", "jpy") == evidence(500, "JPY"))
        #expect(try succeeded("1230", "kwd") == evidence(1230, "KWD"))
        #expect(try succeeded("50000", "isk") == evidence(500, "ISK"))
        #expect(isUnknown(try succeeded("50050", "isk")), "half a krona cannot be booked")
        #expect(isUnknown(try succeeded("500", "zzz")))
    }

    private func refund(_ fields: String) throws -> StripeRefund {
        let text = #"{"id":"re_1","object":"refund","amount":500,"currency":"eur","# + fields + "}"
        return try #require(JSON(parsing: Data(text.utf8)).flatMap(StripeRefund.init))
    }

    @Test("refund states")
    func refunds() throws {
        let money = Money(amountMinor: 500, currency: try Currency("EUR"))
        #expect(
            StripeOutcomes.outcome(of: try refund(#""status":"succeeded""#))
                == .succeeded(GatewayEvidence(reference: "re_1", amount: money)))
        for status in ["pending", "requires_action"] {
            #expect(
                StripeOutcomes.outcome(of: try refund(#""status":"\#(status)""#)) == .pending(reference: "re_1"))
        }
        for status in ["failed", "canceled"] {
            let outcome = StripeOutcomes.outcome(
                of: try refund(#""status":"\#(status)","failure_reason":"insufficient_funds""#))
            guard case .declined(let decline) = outcome else {
                Issue.record("\(status) must be a refusal")
                continue
            }
            #expect(decline.reason == "refund_\(status)")
            #expect(decline.declineCode == "insufficient_funds")
        }
    }

    // MARK: - Errors

    /// `declined` reaches as far as the attempt, `requestRefused` only as far as the request.
    enum Meaning { case declined, requestRefused, unknown, notAttempted, unauthorized }

    struct Row: Sendable, CustomTestStringConvertible {
        let status: Int
        var type: String?
        var code: String?
        var parameter: String?
        let meaning: Meaning

        var testDescription: String { "\(status) \(type ?? "no type") \(code ?? parameter ?? "")" }

        var error: StripeError? {
            let fields = ["type": type, "code": code, "param": parameter].compactMapValues { $0.map(JSON.string) }
            return fields.isEmpty ? nil : StripeError(.object(fields))
        }
    }

    private func meaning(_ refusal: StripeOutcomes.Refusal) -> Meaning {
        switch refusal {
        case .outcome(.declined(let decline)): decline.reach == .request ? .requestRefused : .declined
        case .outcome: .unknown
        case .notAttempted: .notAttempted
        case .unauthorized: .unauthorized
        }
    }

    @Test(
        "D-02: the meaning of every error answer",
        arguments: [
            Row(status: 400, type: "invalid_request_error", code: "parameter_missing", meaning: .requestRefused),
            Row(status: 400, type: "invalid_request_error", parameter: "amount", meaning: .requestRefused),
            Row(status: 400, type: "invalid_request_error", code: "amount_too_small", meaning: .requestRefused),
            Row(
                status: 400, type: "invalid_request_error", code: "charge_already_refunded",
                meaning: .requestRefused),
            Row(status: 400, type: "card_error", code: "incorrect_number", meaning: .requestRefused),
            Row(status: 400, type: "invalid_request_error", code: "rate_limit", meaning: .notAttempted),
            Row(status: 400, type: "invalid_request_error", meaning: .unknown),
            Row(status: 400, type: "proxy_error", code: "blocked", meaning: .unknown),
            Row(status: 400, type: "idempotency_error", meaning: .unknown),
            Row(status: 400, type: "idempotency_error", code: "idempotency_mismatch", meaning: .unknown),
            Row(status: 400, code: "blocked", meaning: .unknown),
            Row(status: 400, meaning: .unknown),
            Row(status: 401, type: "invalid_request_error", meaning: .unauthorized),
            Row(status: 401, meaning: .unauthorized),
            Row(status: 402, type: "card_error", code: "card_declined", meaning: .declined),
            Row(status: 402, type: "card_error", code: "some_future_code", meaning: .declined),
            Row(status: 402, type: "card_error", meaning: .unknown),
            Row(status: 402, type: "payment_required", code: "quota", meaning: .unknown),
            Row(status: 402, type: "invalid_request_error", code: "balance_insufficient", meaning: .requestRefused),
            Row(status: 402, meaning: .unknown),
            Row(status: 403, type: "invalid_request_error", meaning: .notAttempted),
            Row(status: 404, type: "invalid_request_error", code: "resource_missing", meaning: .requestRefused),
            Row(status: 404, type: "invalid_request_error", meaning: .unknown),
            Row(status: 404, meaning: .unknown),
            Row(status: 409, type: "invalid_request_error", code: "lock_timeout", meaning: .notAttempted),
            Row(status: 409, type: "idempotency_error", code: "idempotency_key_in_use", meaning: .unknown),
            Row(status: 409, type: "idempotency_error", meaning: .unknown),
            Row(status: 409, type: "invalid_request_error", code: "some_future_code", meaning: .unknown),
            Row(status: 409, meaning: .unknown),
            Row(status: 424, type: "api_error", meaning: .unknown),
            Row(status: 429, type: "invalid_request_error", code: "lock_timeout", meaning: .notAttempted),
            Row(status: 429, type: "invalid_request_error", code: "rate_limit", meaning: .notAttempted),
            Row(status: 429, meaning: .notAttempted),
            Row(status: 500, type: "api_error", meaning: .unknown),
            Row(status: 502, meaning: .unknown), Row(status: 503, meaning: .unknown),
            Row(status: 504, meaning: .unknown), Row(status: 301, meaning: .unknown),
            Row(status: 418, type: "invalid_request_error", meaning: .unknown),
        ])
    func errors(row: Row) {
        let refusal = StripeOutcomes.refusal(status: row.status, retryAfterMilliseconds: nil, error: row.error)
        #expect(meaning(refusal) == row.meaning)
    }

    @Test(
        "D-02: a question that fails proves nothing, whatever its error says",
        arguments: [
            Row(status: 400, type: "invalid_request_error", code: "parameter_missing", meaning: .unknown),
            Row(status: 401, type: "invalid_request_error", meaning: .unauthorized),
            Row(status: 402, type: "card_error", code: "card_declined", meaning: .unknown),
            Row(status: 403, type: "invalid_request_error", meaning: .unknown),
            Row(status: 404, type: "invalid_request_error", code: "resource_missing", meaning: .unknown),
            Row(status: 409, type: "invalid_request_error", code: "lock_timeout", meaning: .unknown),
            Row(status: 429, meaning: .notAttempted), Row(status: 500, type: "api_error", meaning: .unknown),
        ])
    func questions(row: Row) {
        let refusal = StripeOutcomes.unanswered(status: row.status, retryAfterMilliseconds: nil, error: row.error)
        #expect(meaning(refusal) == row.meaning)
    }

    @Test(
        "D-02: what was certainly not sent was not attempted; everything else that got no answer is unknown",
        arguments: [
            (HTTPClientError.notSent("connection refused"), false), (.invalidRequest("no host"), false),
            (.timedOut("30 s"), true), (.connectionLost("reset"), true), (.responseTooLarge(limitBytes: 1), true),
        ])
    func transport(error: HTTPClientError, isUnknown: Bool) {
        switch StripeOutcomes.refusal(transport: error) {
        case .outcome(.unknown): #expect(isUnknown)
        case .notAttempted: #expect(!isUnknown)
        default: Issue.record("unexpected meaning of \(error)")
        }
    }

    private func isUnknown(_ outcome: GatewayOutcome) -> Bool {
        if case .unknown = outcome { true } else { false }
    }
}
