import LambdaEvents
import Testing
import Wire

@Suite("Batch responses") struct BatchResponseTests {
    @Test("failures are named in the form that Lambda reads")
    func encoding() throws {
        let text = String(decoding: try BatchResponse(failedIdentifiers: ["a", "b\""]).lambdaPayload(), as: UTF8.self)
        #expect(text == #"{"batchItemFailures":[{"itemIdentifier":"a"},{"itemIdentifier":"b\""}]}"#)
        #expect(try String(decoding: BatchResponse().lambdaPayload(), as: UTF8.self) == #"{"batchItemFailures":[]}"#)
    }

    @Test("what was encoded is decoded", arguments: [[], ["a"], ["", "é\n", "a"]])
    func roundTrip(identifiers: [String]) throws {
        let response = BatchResponse(failedIdentifiers: identifiers)
        #expect(try BatchResponse(lambdaPayload: response.lambdaPayload()) == response)
        let spaced = Bytes(utf8: #" {"new":[1], "batchItemFailures" : [ {"itemIdentifier":"x","new":{}} ] } "#)
        #expect(try BatchResponse(lambdaPayload: spaced) == BatchResponse(failedIdentifiers: ["x"]))
    }

    @Test("the state of a tumbling window stands beside the failures")
    func state() throws {
        let response = BatchResponse(failedIdentifiers: ["a"], state: Bytes(utf8: #"{"total":[1,2]}"#))
        let text = #"{"batchItemFailures":[{"itemIdentifier":"a"}],"state":{"total":[1,2]}}"#
        #expect(try String(decoding: response.lambdaPayload(), as: UTF8.self) == text)
        #expect(try BatchResponse(lambdaPayload: response.lambdaPayload()) == response)
        let complete = BatchResponse(state: Bytes(utf8: "7"))
        #expect(
            try String(decoding: complete.lambdaPayload(), as: UTF8.self) == #"{"batchItemFailures":[],"state":7}"#)
        #expect(try BatchResponse(lambdaPayload: Bytes(utf8: #"{"state":7}"#)) == complete)
        #expect(
            try BatchResponse(lambdaPayload: Bytes(utf8: #"{"state":null,"batchItemFailures":[],"state":1}"#))
                == BatchResponse())
    }

    @Test("a state that would break the response is refused", arguments: ["", "{", "{},{}", "\u{FEFF}{}", "secret"])
    func badState(state: String) {
        let expected = LambdaEventError(expected: "BatchResponse", detail: "state is not JSON")
        #expect(throws: expected) { try BatchResponse(state: Bytes(utf8: state)).lambdaPayload() }
    }

    @Test(
        "anything else is refused with its place",
        arguments: [
            ("{}", "batchItemFailures is missing"), (#"{"batchItemFailures":null}"#, "batchItemFailures is null"),
            (#"{"batchItemFailures":[{}]}"#, "batchItemFailures[0].itemIdentifier is missing"),
            (
                #"{"batchItemFailures":[{"itemIdentifier":"a"},{"itemIdentifier":1}]}"#,
                "batchItemFailures[1].itemIdentifier is not a string"
            ), ("[]", "the document is not an object"),
            (#"{"batchItemFailures":[]"#, "not JSON: expected a comma or the end of the array or object at byte 23"),
        ])
    func refusal(payload: String, detail: String) {
        let expected = LambdaEventError(expected: "BatchResponse", detail: detail)
        #expect(throws: expected) { try BatchResponse(lambdaPayload: Bytes(utf8: payload)) }
    }

    @Test("a raw payload passes through unchanged")
    func raw() {
        let bytes = Bytes(utf8: "not json \u{0}")
        #expect(RawPayload(lambdaPayload: bytes).lambdaPayload() == bytes)
    }
}
