import CurlEventLoop
import Foundation
import Testing

@testable import LocalEmulator

@Suite("What a posted body comes to") struct FunctionReplyTests {
    private func response(
        _ body: Data = Data("abc".utf8), headers: HTTPHeaders = [:], trailers: HTTPHeaders = [:],
        completeness: HTTPBodyCompleteness = .complete, takesStream: Bool = false
    ) -> FunctionReply {
        FunctionReply.response(
            HTTPServerRequest(
                method: "POST", target: "/", headers: headers, body: body, trailers: trailers,
                bodyCompleteness: completeness),
            takesStream: takesStream)
    }

    private let streaming: HTTPHeaders = ["Lambda-Runtime-Function-Response-Mode": "streaming"]
    private static let bufferedLimit = 6 * 1024 * 1024 + 100

    private static func status(_ reply: FunctionReply) -> Int {
        if case .reply(let status, _, _) = reply.answer { status } else { 0 }
    }

    @Test("a buffered body may have 6 MiB and 100 bytes, one more is 413 and Function.ResponseSizeTooLarge")
    func bufferedLimit() {
        let largest = response(Data(count: Self.bufferedLimit))
        #expect(largest.outcome.errorType == nil)
        #expect(Self.status(largest) == 202)
        let tooLarge = response(Data(count: Self.bufferedLimit + 1))
        #expect(Self.status(tooLarge) == 413)
        #expect(tooLarge.outcome.errorType == "Function.ResponseSizeTooLarge")
        #expect(
            String(decoding: tooLarge.outcome.payload, as: UTF8.self).contains(
                "Response payload size exceeded maximum allowed payload size (6291556 bytes)."))
    }

    @Test("a streamed body may be larger only for a caller that takes a stream")
    func streamedLimit() {
        let body = Data(count: Self.bufferedLimit + 1)
        #expect(response(body, headers: streaming).outcome.errorType == "Function.ResponseSizeTooLarge")
        let taken = response(body, headers: streaming, takesStream: true)
        #expect(taken.outcome.errorType == nil)
        #expect(taken.outcome.isStreamed)
        #expect(
            response(body, takesStream: true).outcome.errorType == "Function.ResponseSizeTooLarge",
            "the function did not stream")
        let above = response(body, headers: streaming, completeness: .tooLarge, takesStream: true)
        #expect(above.outcome.errorType == "Function.ResponseSizeTooLarge")
        #expect(Self.status(above) == 413)
        #expect(above.outcome.streamedBeforeError == body)
    }

    @Test("trailers make a stream an error: its type, and its document from base64")
    func trailers() {
        let document = Data("{\"errorType\":\"Function.Broken\",\"errorMessage\":\"m\"}".utf8)
        let reply = response(
            headers: streaming,
            trailers: [
                "lambda-runtime-function-error-type": "Function.Broken",
                "Lambda-Runtime-Function-Error-Body": document.base64EncodedString(),
            ])
        #expect(Self.status(reply) == 202)
        #expect(reply.outcome.errorType == "Function.Broken")
        #expect(reply.outcome.payload == document)
        #expect(reply.outcome.streamedBeforeError == Data("abc".utf8))
    }

    @Test("a trailer body that is not base64 still is an error")
    func badTrailer() throws {
        let reply = response(
            headers: streaming,
            trailers: [
                "Lambda-Runtime-Function-Error-Type": "broken", "Lambda-Runtime-Function-Error-Body": "no base64!",
            ])
        #expect(reply.outcome.errorType == "Runtime.Unknown")
        #expect(try JSONValue(parsing: reply.outcome.payload)["errorType"] == "Runtime.Unknown")
    }

    @Test("the content type of a stream is kept")
    func contentType() {
        var headers = streaming
        headers["Content-Type"] = HTTPIntegrationResponse.contentType
        #expect(response(headers: headers).outcome.contentType == HTTPIntegrationResponse.contentType)
        #expect(response().outcome.contentType == "application/json")
    }

    @Test(
        "error types are recorded when they are of the form Category.Reason",
        arguments: [
            ("Function.NoLuck", "Function.NoLuck"), ("Runtime.NoSuchHandler", "Runtime.NoSuchHandler"),
            ("Function.noLuck", "Function.Unknown"), ("Function.", "Function.Unknown"),
            ("Function.A", "Function.Unknown"),
            ("Unhandled", "Runtime.Unknown"), ("", "Runtime.Unknown"), ("Handler.Failed", "Runtime.Unknown"),
        ])
    func errorTypes(reported: String, recorded: String) {
        #expect(FunctionErrorType.recorded(reported) == recorded)
        #expect(FunctionErrorType.recorded(nil) == "Runtime.Unknown")
    }

    @Test("an error document reaches the caller as it is, whatever type the header says")
    func error() {
        let document = Data("{\"errorType\":\"T\"}".utf8)
        let reply = FunctionReply.error(
            HTTPServerRequest(
                method: "POST", target: "/",
                headers: [
                    "Lambda-Runtime-Function-Error-Type": "unhandled",
                    "Lambda-Runtime-Function-XRay-Error-Cause": "{\"message\":\"why\"}",
                ], body: document))
        #expect(reply.outcome.payload == document)
        #expect(reply.outcome.errorType == "Runtime.Unknown")
        #expect(reply.outcome.errorCause == Data("{\"message\":\"why\"}".utf8))
    }

    @Test("a cause inside the report is kept from the caller")
    func causedError() {
        func reply(_ body: String) -> FunctionReply {
            FunctionReply.error(
                HTTPServerRequest(
                    method: "POST", target: "/",
                    headers: ["Content-Type": "application/vnd.aws.lambda.error.cause+json"], body: Data(body.utf8)))
        }
        let good = reply(
            "{\"errorMessage\":\"m\",\"errorType\":\"T\",\"stackTrace\":[\"a\"],\"x\":1,\"errorCause\":{\"message\":\"c\"}}"
        )
        #expect(
            String(decoding: good.outcome.payload, as: UTF8.self)
                == "{\"errorMessage\":\"m\",\"errorType\":\"T\",\"stackTrace\":[\"a\"]}")
        #expect(good.outcome.errorCause == Data("{\"message\":\"c\"}".utf8))
        #expect(String(decoding: reply("{\"errorMes").outcome.payload, as: UTF8.self) == "\"Invalid error body\"")
    }
}
