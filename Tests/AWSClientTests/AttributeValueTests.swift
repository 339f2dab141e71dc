import Foundation
import Testing

@testable import AWSClient

@Suite("DynamoDB attribute values")
struct AttributeValueTests {
    static let values: [(AttributeValue, String)] = [
        (.string("ü"), #"{"S":"ü"}"#), (.number("-1.5E10"), #"{"N":"-1.5E10"}"#),
        (.integer(Int64.max), #"{"N":"9223372036854775807"}"#), (.binary(Data([0, 255])), #"{"B":"AP8="}"#),
        (.boolean(false), #"{"BOOL":false}"#), (.null, #"{"NULL":true}"#),
        (.map(["a": .list([.null, "x"])]), #"{"M":{"a":{"L":[{"NULL":true},{"S":"x"}]}}}"#),
        (.stringSet(["a", "b"]), #"{"SS":["a","b"]}"#), (.numberSet(["1"]), #"{"NS":["1"]}"#),
        (.binarySet([Data([1])]), #"{"BS":["AQ=="]}"#),
    ]

    @Test("every type has its tag and comes back as it went", arguments: values.indices)
    func roundTrip(index: Int) throws {
        let (value, json) = Self.values[index]
        #expect(String(decoding: try JSONEncoder().encode(value), as: UTF8.self) == json)
        #expect(try JSONDecoder().decode(AttributeValue.self, from: Data(json.utf8)) == value)
    }

    @Test("no tag, two tags and unknown tags are refused", arguments: [#"{}"#, #"{"X":"a"}"#, #"{"S":"a","N":"1"}"#])
    func refused(json: String) {
        #expect(throws: DecodingError.self) {
            try JSONDecoder().decode(AttributeValue.self, from: Data(json.utf8))
        }
    }

    @Test("whole numbers are read only when they are whole and fit")
    func integers() {
        #expect(AttributeValue.number("-12").integerValue == -12)
        #expect(AttributeValue.number("1.5").integerValue == nil)
        #expect(AttributeValue.number("92233720368547758070").integerValue == nil)
        #expect(AttributeValue.string("1").integerValue == nil)
    }
}
