import Foundation
import LambdaEvents
import LocalEmulator
import Testing

@testable import LambdaRuntime

private struct Located: LambdaReportableError {
    let errorType = "Function.Located"
    let errorMessage = "line\u{2028}break \u{0} “quoted” 🇪🇺"
    let stackTrace = ["inner", "outer \"1\""]
}

@Suite("Error reports") struct ErrorReportTests {
    @Test("an error's own words are kept, whatever is in them")
    func document() throws {
        let report = ErrorReport(Located(), fallbackType: "Function.Other")
        let document = try JSONValue(parsing: Data(report.json.utf8))
        #expect(document["errorMessage"]?.stringValue == Located().errorMessage)
        #expect(document["errorType"] == "Function.Located")
        #expect(document["stackTrace"] == ["inner", "outer \"1\""])
    }

    @Test("the X-Ray cause is one line of printable ASCII that says the same")
    func cause() throws {
        let cause = try #require(ErrorReport(Located(), fallbackType: "").errorCause)
        #expect(cause.utf8.allSatisfy { (0x20...0x7E).contains($0) })
        let document = try JSONValue(parsing: Data(cause.utf8))
        #expect(document["working_directory"]?.stringValue == FileManager.default.currentDirectoryPath)
        #expect(document["paths"] == [])
        let exception = try #require(document["exceptions"]?.arrayValue?.first)
        #expect(exception["message"]?.stringValue == Located().errorMessage)
        #expect(exception["stack"]?.arrayValue?.first?["label"] == "inner")
    }

    @Test("a cause larger than a client may send is left out")
    func largeCause() {
        let report = ErrorReport(errorType: "Function.Large", errorMessage: String(repeating: "x", count: 1024 * 1024))
        #expect(report.errorCause == nil)
    }

    @Test(
        "a type that no header can hold does not break the report",
        arguments: ["", "a b", "a\r\nX: y", "Function.Fünf", "Unhandled", "function.Lower", "Function.lower"])
    func unusableType(type: String) {
        #expect(ErrorReport(errorType: type, errorMessage: "").headerType == "Function.Unknown")
    }

    @Test("D-15: card numbers are masked in messages")
    func redaction() {
        #expect(!ErrorReport(errorType: "Function.X", errorMessage: "4242 4242 4242 4242").json.contains("4242 4242"))
    }

    @Test("an event of another shape has a name of its own")
    func invalidEvent() {
        let error = LambdaEventError(expected: "SQSEvent", detail: "Records is missing")
        #expect(ErrorReport(error, fallbackType: "Function.Other").errorType == "Function.EventInvalid")
    }
}
