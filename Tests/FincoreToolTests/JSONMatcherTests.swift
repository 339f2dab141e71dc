import LocalEmulator
import Testing

@testable import fincore

@Suite("JSON matcher") struct JSONMatcherTests {
    private func differences(_ expected: JSONValue, _ found: JSONValue?) -> [String] {
        var matcher = JSONMatcher()
        return matcher.differences(expected, found, path: "response")
    }

    @Test("an object asks for its own members only")
    func objects() {
        #expect(differences(["status": "ok"], ["status": "ok", "more": 1]) == [])
        #expect(differences([:], ["more": 1]) == [])
        #expect(
            differences(["status": "ok"], ["status": "gone"]) == [#"response.status: expected "ok", found "gone""#])
        #expect(differences(["status": "ok"], [:]) == [#"response.status: expected "ok", found nothing"#])
        #expect(differences(["a": 1], [1]) == [#"response: expected {"a":1}, found [1]"#])
    }

    @Test("every difference has a line of its own, in the order of the members' names")
    func severalDifferences() {
        #expect(
            differences(["b": ["c": 1], "a": [1, 2]], ["b": ["c": 2], "a": [1, 3]]) == [
                "response.a[1]: expected 2, found 3", "response.b.c: expected 1, found 2",
            ])
    }

    @Test("an array asks for the same length and order")
    func arrays() {
        #expect(differences([1, 2], [1, 2]) == [])
        #expect(differences([2, 1], [1, 2]).count == 2)
        #expect(differences([], [1]) == ["response: expected 0 elements, found 1: [1]"])
        #expect(differences([1, 2], [1]) == ["response: expected 2 elements, found 1: [1]"])
    }

    @Test("types count: a number is no text, null is not nothing")
    func types() {
        #expect(differences(1, "1") == [#"response: expected 1, found "1""#])
        #expect(differences(.null, .null) == [])
        #expect(differences(["a": .null], [:]) == ["response.a: expected null, found nothing"])
        #expect(differences(["a": .null], ["a": 0]) == ["response.a: expected null, found 0"])
    }

    @Test("<any> accepts whatever is there, but not nothing")
    func any() {
        #expect(differences(["id": "<any>"], ["id": ["x": 1]]) == [])
        #expect(differences(["id": "<any>"], ["id": .null]) == [])
        #expect(differences(["id": "<any>"], [:]) == [#"response.id: expected "<any>", found nothing"#])
    }

    @Test("<absent> asks that a member is not there")
    func absent() {
        #expect(differences(["unpublished": "<absent>"], ["version": 1]) == [])
        #expect(
            differences(["unpublished": "<absent>"], ["unpublished": .null]) == [
                "response.unpublished: expected nothing, found null"
            ])
    }

    @Test("<any:name> is the same value wherever it stands, also in a later comparison")
    func namedValues() {
        var matcher = JSONMatcher()
        #expect(matcher.resolved("<any:charge>") == nil)
        #expect(matcher.differences(["id": "<any:charge>"], ["id": "ch_1"], path: "response") == [])
        #expect(matcher.resolved("<any:charge>") == "ch_1")
        #expect(matcher.resolved("ch_2") == "ch_2")
        #expect(matcher.differences("<any:charge>", "ch_1", path: "journal") == [])
        #expect(
            matcher.differences("<any:charge>", "ch_2", path: "journal") == [
                #"journal: expected "ch_1", found "ch_2""#
            ])
        #expect(
            matcher.differences("<any:charge>", "ch_1", path: "journal") == [], "what was found first stays expected")
        #expect(matcher.differences("<any:refund>", "ch_2", path: "journal") == [], "another name is another value")
    }

    @Test("a document inside a text is compared as a document")
    func documentsInTexts() {
        #expect(differences(["body": ["a": 1]], ["body": #"{"a":1,"b":2}"#]) == [])
        #expect(differences(["body": ["a": 1]], ["body": #"{"a":2}"#]) == ["response.body.a: expected 1, found 2"])
        #expect(differences(["body": [1]], ["body": "[1]"]) == [])
        #expect(
            differences(["body": ["a": 1]], ["body": "gone"]) == [
                #"response.body: expected a document, found the text "gone""#
            ])
        #expect(differences(#"{"a":1}"#, #"{"a": 1}"#).count == 1, "a text that is expected is compared as a text")
    }

    @Test("a long value is cut in the line")
    func longValues() throws {
        let line = try #require(differences("a", .string(String(repeating: "x", count: 10_000))).first)
        #expect(line.count < 400)
        #expect(line.hasSuffix("…"))
    }
}
