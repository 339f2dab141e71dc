import Foundation
import LambdaEvents
import LocalEmulator
import Testing
import Wire

@testable import LambdaRuntime

private struct Located: LambdaReportableError {
    let errorType = "Function.Located"
    let errorMessage = "line\u{2028}break \u{0} “quoted” 🇪🇺"
    let stackTrace = ["inner", "outer \"1\""]
}

private struct Private: Error, CustomStringConvertible {
    let description = "SECRET-IBAN-DE89"
}

private struct Described: SafelyDescribed, CustomStringConvertible {
    let description = "the disk is full"
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

    @Test("of an error that promises nothing only the type is told: its description may quote the payload")
    func unknownErrors() throws {
        enum Known: String, Decodable { case known }
        let decoding = #expect(throws: DecodingError.self) {
            try JSONDecoder().decode([Known].self, from: Data("[\"SECRET-IBAN-DE89\"]".utf8))
        }
        let errors: [(any Error, String)] = [
            (try #require(decoding), "Swift.DecodingError"), (Private(), "LambdaRuntimeTests.Private"),
            (CancellationError(), "Swift.CancellationError"),
        ]
        for (error, name) in errors {
            let report = ErrorReport(error, fallbackType: "Function.Other")
            #expect(report.errorType == "Function.Other")
            #expect(report.errorMessage.hasPrefix("an error of type \(name);"), "\(report.errorMessage)")
            #expect(!report.json.contains("SECRET") && report.errorCause?.contains("SECRET") == false)
        }
    }

    @Test("an error whose description is safe is told in its words")
    func safeErrors() {
        let report = ErrorReport(Described(), fallbackType: "Function.Other")
        #expect(report.errorMessage == "the disk is full" && report.errorType == "Function.Other")
        let missing = ErrorReport(ConfigurationError.missingVariable("TABLE"), fallbackType: "Function.Other")
        #expect(missing.errorMessage == "the environment variable TABLE is not set")
    }

    @Test("a long message is cut between two characters, and says so", arguments: ["x", "é", "漢", "🇪🇺"])
    func longMessage(character: String) throws {
        let limit = ErrorReport.maximumMessageBytes
        let full = String(repeating: character, count: limit / character.utf8.count)
        #expect(ErrorReport(errorType: "Function.X", errorMessage: full).errorMessage == full)
        let message = ErrorReport(errorType: "Function.X", errorMessage: full + character).errorMessage
        let mark = " … (cut, \(full.utf8.count + character.utf8.count) bytes in all)"
        #expect(message.hasSuffix(mark))
        let kept = message.unicodeScalars.count - mark.unicodeScalars.count
        #expect(full.unicodeScalars.starts(with: message.unicodeScalars.prefix(kept)))
        #expect((limit - 3...limit).contains(message.utf8.count - mark.utf8.count))
    }

    @Test("D-15: a card number at the cut is masked, not halved")
    func cutCardNumber() {
        let text = String(repeating: "x", count: ErrorReport.maximumMessageBytes - 10) + "4242424242424242"
        #expect(!ErrorReport(errorType: "Function.X", errorMessage: text).errorMessage.contains("42424242"))
    }

    @Test("of a long stack the innermost frames are kept")
    func longStack() {
        let frames = (0..<10_000).map { "frame \($0)" }
        let kept = ErrorReport(errorType: "Function.X", errorMessage: "", stackTrace: frames).stackTrace
        #expect(kept.count > 1_000 && kept.count < frames.count && kept.elementsEqual(frames.prefix(kept.count)))
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
