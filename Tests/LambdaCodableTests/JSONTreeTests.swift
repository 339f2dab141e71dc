import Foundation
import LambdaCodable
import LambdaEvents
import Testing
import Wire

@Suite("Any JSON inside of an event") struct JSONTreeTests {
    private func decoded(_ json: String) throws -> JSONTree { try JSONTree(lambdaPayload: Bytes(utf8: json)) }

    private func encoded(_ tree: JSONTree) throws -> String {
        String(decoding: try tree.lambdaPayload(), as: UTF8.self)
    }

    @Test(
        "values come out as they went in",
        arguments: [
            "null", "true", "false", "0", "-1", "9223372036854775807", "-9223372036854775808", "18446744073709551615",
            "170141183460469231731687303715884105727", "0.1", "-2.5", "1e-07", "1.7976931348623157e+308", "\"\"",
            "\"é\\n\\\"\"", "[]", "{}", "[1,[2,[]],null]", "{\"a\":{\"b\":[true,null]},\"c\":\"\"}",
        ])
    func values(json: String) throws {
        #expect(try encoded(decoded(json)) == json)
    }

    @Test("truth values are no numbers, numbers no truth values, and texts neither")
    func kinds() throws {
        #expect(try decoded("[true,1,1.0,\"1\",0,false]") == [true, 1, 1, "1", 0, false])
        #expect(try decoded("1.0") == 1.0)
        #expect(try decoded("true") != 1)
    }

    @Test("a number between 64 bits and Double's limit is exact or the nearest, one beyond it is refused")
    func largeNumbers() throws {
        #expect(
            try decoded("49590338271490256608559692538361571095921575989136588898").doubleValue == 4.9590338271490256e55
        )
        #expect(throws: LambdaEventError.self) { try decoded("1e400") }
    }

    @Test("what is no JSON is refused", arguments: ["", "{", "[1", "{\"a\":}", "nul", "\"\u{1}\""])
    func notJSON(json: String) {
        #expect(throws: LambdaEventError.self) { try decoded(json) }
    }

    @Test("nesting is limited, not followed until the stack ends")
    func depth() throws {
        let deep = String(repeating: "[", count: 400) + String(repeating: "]", count: 400)
        #expect(try encoded(decoded(deep)) == deep)
        let depth = 100_000
        #expect(throws: LambdaEventError.self) {
            try decoded(String(repeating: "[", count: depth) + String(repeating: "]", count: depth))
        }
        #expect(throws: LambdaEventError.self) { try decoded(String(repeating: "{\"a\":", count: depth)) }
    }

    @Test("what no JSON can say is refused on writing")
    func notFinite() {
        #expect(throws: LambdaEventError.self) { try JSONTree.double(.infinity).lambdaPayload() }
    }

    @Test("members and elements are found, and only where they are")
    func reading() {
        let tree: JSONTree = ["list": [1, 2.5, "x", true, .null], "size": 3]
        #expect(tree["list"]?[0]?.intValue == 1)
        #expect(tree["list"]?[1]?.doubleValue == 2.5)
        #expect(tree["list"]?[1]?.intValue == nil)
        #expect(tree["list"]?[2]?.stringValue == "x")
        #expect(tree["list"]?[3]?.boolValue == true)
        #expect(tree["list"]?[4] == .null)
        #expect(tree["list"]?[5] == nil && tree["list"]?[-1] == nil)
        #expect(tree["none"] == nil && tree["size"]?["x"] == nil && tree["size"]?[0] == nil)
        #expect(tree["size"]?.doubleValue == 3 && tree["size"]?.stringValue == nil)
        #expect(tree["list"]?.arrayValue?.count == 5 && tree.objectValue?.count == 2)
    }

    @Test("a value becomes a type of its own, or says where it does not")
    func typed() throws {
        struct Order: Decodable, Equatable {
            var ids: [String]
        }
        #expect(try JSONTree.object(["ids": ["a"]]).decoded(as: Order.self) == Order(ids: ["a"]))
        let error = #expect(throws: LambdaEventError.self) {
            try JSONTree.object(["ids": [4242]]).decoded(as: Order.self)
        }
        #expect(error?.detail == "ids[0] is not of type String")
    }
}
