import Domain
import FoundationEssentials
import FunctionsShared
import FunctionsTestSupport
import Testing

@testable import PaymentService

@Suite("Bad requests")
struct ValidationTests {
    private let world = APIWorld()

    struct Row: Sendable, CustomTestStringConvertible {
        let body: String
        let code: String
        var parameter: String?

        var testDescription: String { body.count > 80 ? body.prefix(80) + "…" : body }
    }

    private static func body(_ replacing: String, _ value: String) -> String {
        var members = ["amount": "1999", "currency": #""EUR""#, "payment_method": #""pm_card_visa""#]
        members[replacing] = value
        return "{" + members.sorted { $0.key < $1.key }.map { #""\#($0.key)":\#($0.value)"# }.joined(separator: ",")
            + "}"
    }

    private static func invalid(_ name: String, _ value: String, _ parameter: String? = nil) -> Row {
        Row(body: body(name, value), code: "parameter_invalid", parameter: parameter ?? name)
    }

    @Test(
        "every wrong parameter is named, and nothing happens",
        arguments: [
            Row(body: "", code: "malformed_body"), Row(body: "{", code: "malformed_body"),
            Row(body: "[]", code: "malformed_body"), Row(body: "\"x\"", code: "malformed_body"),
            Row(body: String(repeating: "[", count: 60_000), code: "malformed_body"),
            Row(body: "{}", code: "parameter_missing", parameter: "amount"),
            Row(body: body("amount", "null"), code: "parameter_missing", parameter: "amount"),
            Row(body: body("currency", "null"), code: "parameter_missing", parameter: "currency"),
            Row(body: body("payment_method", "null"), code: "parameter_missing", parameter: "payment_method"),
            invalid("amount", "0"), invalid("amount", "-1"), invalid("amount", "19.99"),
            invalid("amount", "\"1999\""), invalid("amount", "true"), invalid("amount", "1000000000000"),
            invalid("amount", "1e30"), invalid("amount", "[]"),
            invalid("currency", "\"EURO\""), invalid("currency", "\"ZZZ\""), invalid("currency", "7"),
            invalid("currency", "\"\""),
            invalid("payment_method", "\"\""), invalid("payment_method", "\"pm 1\""), invalid("payment_method", "{}"),
            invalid("payment_method", "\"" + String(repeating: "p", count: 256) + "\""),
            invalid("capture_mode", "\"later\""), invalid("capture_mode", "1"),
            invalid("description", "\"" + String(repeating: "d", count: 501) + "\""),
            invalid("customer", "\"x\""), invalid("customer", #"{"email":"nobody"}"#, "customer.email"),
            invalid("customer", #"{"email":"a@b\nc"}"#, "customer.email"),
            invalid("customer", #"{"ip":"not an ip"}"#, "customer.ip"),
            invalid("customer", #"{"ip":"zzzz"}"#, "customer.ip"),
            invalid("customer", #"{"ip":"192.0.2.1\u0000"}"#, "customer.ip"),
            invalid("customer", #"{"email":"a\u0000@b.c"}"#, "customer.email"),
            invalid("description", #""a\u0000b""#), invalid("description", #""a\u001bb""#),
            invalid("description", #""a\nb""#), invalid("description", #""a\u007fb""#),
            invalid("description", "\"e" + String(repeating: "\u{301}", count: 500) + "\""),
            invalid("metadata", #"{"a\u0000":"v"}"#, "metadata"),
            invalid("metadata", #"{"k":"v\u0000"}"#, "metadata.k"), invalid("metadata", #"{"k":"\t"}"#, "metadata.k"),
            invalid("metadata", "{\"k" + String(repeating: "\u{301}", count: 40) + "\":\"v\"}", "metadata"),
            invalid("metadata", "{\"k\":\"v" + String(repeating: "\u{301}", count: 500) + "\"}", "metadata.k"),
            invalid("metadata", "[]"), invalid("metadata", #"{"k":1}"#, "metadata.k"),
            invalid("metadata", #"{"":"v"}"#, "metadata"),
            Row(body: body("captur_mode", "\"manual\""), code: "parameter_unknown", parameter: "captur_mode"),
            Row(
                body: body("customer", #"{"phone":"1"}"#), code: "parameter_unknown",
                parameter: "customer.phone"),
        ])
    func charge(row: Row) async throws {
        let reply = try await world.charge(row.body)
        #expect(reply.status == 400)
        #expect(reply.errorCode == row.code)
        #expect(reply.errorParameter == row.parameter)
        #expect(world.events.chargeIDs.isEmpty)
        #expect(world.records.records.isEmpty, "a request that is not understood does not use up its key")
    }

    @Test(
        "the charge of a refund is named by an id; anything else is not looked up",
        arguments: ["ch 1", "ch_1\\u0000", "../ch_1", "ch_é", "ch_1\\n", String(repeating: "c", count: 65)])
    func refundOfNoID(id: String) async throws {
        let reply = try await world.send("POST", "/v1/refunds", #"{"charge_id":"\#(id)"}"#, key: "r")
        #expect(reply.status == 400)
        #expect(reply.errorParameter == "charge_id")
        #expect(world.records.records.isEmpty)
    }

    @Test("a refund's reason is a text like any other")
    func refundReason() async throws {
        let reply = try await world.send(
            "POST", "/v1/refunds", #"{"charge_id":"ch_1","reason":"a\u0000"}"#, key: "r")
        #expect(reply.errorParameter == "reason")
    }

    @Test("limits count scalars: what fits, fits in every script")
    func limits() async throws {
        let text = String(repeating: "é", count: 499) + "😀"
        #expect(try await world.charge(Self.body("description", "\"\(text)\"")).status == 202)
    }

    @Test("D-14: an amount that could only be charged rounded is refused at once")
    func notExpressible() async throws {
        let reply = try await world.charge(#"{"amount":1235,"currency":"KWD","payment_method":"pm_1"}"#)
        #expect(reply.status == 400)
        #expect(reply.errorParameter == "amount")
        #expect(try await world.charge(#"{"amount":1230,"currency":"KWD","payment_method":"pm_1"}"#).status == 202)
    }

    @Test("metadata has limits on entries, names and values")
    func metadataLimits() async throws {
        func metadata(_ count: Int, name: Int = 5, value: Int = 1) -> String {
            let entries = (0..<count).map { index in
                let key = String(String(index).reversed()) + String(repeating: "k", count: name - String(index).count)
                return #""\#(key)":"\#(String(repeating: "v", count: value))""#
            }
            return Self.body("metadata", "{" + entries.joined(separator: ",") + "}")
        }
        #expect(try await world.charge(metadata(50), key: "a").status == 202)
        #expect(try await world.charge(metadata(51), key: "b").status == 400)
        #expect(try await world.charge(metadata(1, name: 41), key: "c").status == 400)
        #expect(try await world.charge(metadata(1, value: 501), key: "d").status == 400)
    }

    @Test(
        "D-15: a card number anywhere in a request is refused and stored, queued, streamed and logged nowhere",
        arguments: [
            #"{"amount":1,"currency":"EUR","payment_method":"4242424242424242"}"#,
            #"{"amount":1,"currency":"EUR","payment_method":"pm_1","description":"4242 4242 4242 4242"}"#,
            #"{"amount":1,"currency":"EUR","payment_method":"pm_1","metadata":{"card":"378282246310005"}}"#,
            #"{"amount":1,"currency":"EUR","payment_method":"pm_1","metadata":{"5555-5555-5555-4444":"x"}}"#,
            #"{"amount":1,"currency":"EUR","payment_method":"pm_1","customer":{"email":"4242424242424242@x.de"}}"#,
            #"{"amount":4242424242424242,"currency":"EUR","payment_method":"pm_1"}"#,
            #"{"amount":1,"currency":"EUR","payment_method":"pm_1","card":{"number":4242424242424242}}"#,
        ])
    func cardNumber(body: String) async throws {
        let reply = try await world.charge(body)
        #expect(reply.status == 400)
        #expect(reply.errorCode == "card_data_not_accepted")
        let leaks = [reply.bytes] + world.log.lines
        #expect(leaks.allSatisfy { !$0.contains("424242424242") && !$0.contains("3782822463") })
        #expect(world.events.chargeIDs.isEmpty && world.records.records.isEmpty && world.queue.jobs.isEmpty)
    }

    @Test("D-15: a card number as idempotency key is refused too")
    func cardNumberAsKey() async throws {
        #expect(try await world.charge(key: "4242424242424242").errorCode == "idempotency_key_invalid")
        #expect(world.records.records.isEmpty)
    }

    @Test("an idempotency key is required, printable and bounded")
    func key() async throws {
        let body = #"{"amount":1,"currency":"EUR","payment_method":"pm_1"}"#
        let missing = try await world.send("POST", "/v1/charges", body)
        #expect(missing.status == 400)
        #expect(missing.errorCode == "idempotency_key_missing")
        #expect(missing.errorParameter == "Idempotency-Key")
        for key in ["", " ", "a b", "ü", String(repeating: "k", count: 256)] {
            #expect(try await world.charge(body, key: key).errorCode == "idempotency_key_invalid")
        }
        #expect(try await world.charge(body, key: String(repeating: "k", count: 255)).status == 202)
    }

    @Test("a body that is too large is refused")
    func tooLarge() async throws {
        let reply = try await world.charge("{\"x\":\"" + String(repeating: "x", count: 70_000) + "\"}")
        #expect(reply.status == 413)
    }

    @Test("a body that claims to be base64 and is not")
    func brokenBase64() async throws {
        let request = Fixture.request(
            "POST", "/v1/charges", body: "%%%",
            headers: ["authorization": "Bearer " + Fixture.apiKey, "idempotency-key": "k"], isBase64Encoded: true)
        let response = try await world.service().handle(request, context: Fixture.context())
        #expect(response.statusCode == 400)
    }

    @Test("the API key is required and must be known; the answer says how to send it")
    func authentication() async throws {
        let missing = try await world.send("GET", "/v1/charges/ch_1", apiKey: nil)
        #expect(missing.status == 401)
        #expect(missing.errorCode == "api_key_missing")
        #expect(missing.headers["WWW-Authenticate"] == "Bearer")
        let unknown = try await world.send("GET", "/v1/charges/ch_1", apiKey: "fk_test_unknown")
        #expect(unknown.errorCode == "api_key_invalid")
        for header in ["Basic abc", "Bearer", "Bearer a b", ""] {
            let reply = try await world.send(
                "POST", "/v1/charges", "{}", apiKey: nil, headers: ["Authorization": header])
            #expect(reply.status == 401)
        }
    }

    @Test("paths and methods")
    func routing() async throws {
        for path in ["/", "/v1", "/v2/charges", "/v1/charges/", "/v1/charges/a/b", "/v1/charges/..%2f", "//health"] {
            let reply = try await world.send("GET", path)
            #expect(reply.status == 404, "\(path)")
            #expect(reply.errorCode == "unknown_path")
        }
        let reply = try await world.send("DELETE", "/v1/charges")
        #expect(reply.status == 405)
        #expect(reply.headers["Allow"] == "POST")
        #expect(try await world.send("POST", "/health", apiKey: nil).status == 405)
        #expect(try await world.send("GET", "/health", apiKey: nil).status == 200)
    }

    @Test("every error has the one shape")
    func errorShape() async throws {
        let reply = try await world.charge("{}")
        let error = try #require(reply.body["error"]?.members)
        #expect(Set(error.keys) == ["type", "code", "message", "param", "request_id", "doc_url"])
        #expect(error["request_id"]?.text == reply.headers["X-Request-Id"])
        #expect(error["type"] == "invalid_request_error")
    }
}
