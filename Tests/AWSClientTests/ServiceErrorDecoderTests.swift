import CurlEventLoop
import Foundation
import HTTPClient
import Testing

@testable import AWSClient

@Suite("Errors as services report them")
struct ServiceErrorDecoderTests {
    private func failure(_ body: String, headers: HTTPHeaders = [:]) -> AWSServiceFailure {
        ServiceErrorDecoder.failure(
            .sqs, "Operation", HTTPResponse(status: 400, headers: headers, body: Data(body.utf8)))
    }

    @Test(
        "the code is found wherever the service puts it",
        arguments: [
            #"{"__type":"com.amazonaws.sqs#Code"}"#, #"{"__type":"Code"}"#, #"{"code":"Code","message":"x"}"#,
            #"{"__type":"Code:http://internal.amazon.com/coral/"}"#,
            "<ErrorResponse><Error><Code>Code</Code></Error></ErrorResponse>",
        ])
    func code(body: String) {
        #expect(failure(body).code == "Code")
    }

    @Test("the header's code wins, without its address")
    func header() {
        let found = failure("{}", headers: ["x-amzn-ErrorType": "Code:http://internal.amazon.com/coral/com.amazon/"])
        #expect(found.code == "Code")
    }

    @Test("messages come in two cases")
    func message() {
        #expect(failure(#"{"message":"a"}"#).message == "a")
        #expect(failure(#"{"Message":"b"}"#).message == "b")
    }

    @Test(
        "a body that says nothing still gives a failure",
        arguments: ["", "oops", "<html>502</html>", "[1]", "{}", "<Code>"])
    func unreadable(body: String) {
        let found = failure(body)
        #expect(found.code == ServiceErrorDecoder.unknownCode)
        #expect(found.status == 400)
    }

    @Test("XML text: entities are resolved, broken ones kept, elements with children are not text")
    func xmlText() {
        #expect(XMLText.firstElement("A", in: "<R><A>x&lt;&#65;&#x1F9FE;&bad;&</A></R>") == "x<A🧾&bad;&")
        #expect(XMLText.firstElement("A", in: "<AB>1</AB><B>2</B><A>3</A><A>4</A>") == "3")
        #expect(XMLText.firstElement("A", in: "<A><B>1</B></A>") == nil)
        #expect(XMLText.firstElement("A", in: "<A>never closed") == nil)
        #expect(XMLText.firstElement("A", in: "<A></A>")?.isEmpty == true)
    }
}
