import Foundation
import Wire

@testable import LambdaRuntime
@testable import Telemetry

/// Feeds everything that turns texts into lines and documents with libFuzzer's inputs. Run by `Tests/Fuzz/run`.
///
/// Whatever the texts hold, log lines are lines, and what Lambda parses is JSON that says what was put in; Foundation's
/// parser is the judge.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzReportText(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let input = UnsafeBufferPointer(start: start, count: count)
    // No text in UTF-8 holds FF, so it can stand between texts; what else is invalid is replaced, as Swift does.
    let texts = input.split(separator: 0xFF, maxSplits: 3, omittingEmptySubsequences: false)
        .map { String(decoding: $0, as: UTF8.self) }
    let words = texts + Array(repeating: texts.last ?? "", count: 4 - texts.count)
    checkLiteral(words[0])
    checkJSONLine(message: words[0], name: words[1], value: words[2])
    checkTextLine(message: words[0], name: words[1], value: words[2])
    checkReport(ErrorReport(errorType: words[0], errorMessage: words[1], stackTrace: [words[2], words[3]]))
    return 0
}

private let time = UnixTime(milliseconds: 1_763_668_800_123)

private func checkLiteral(_ text: String) {
    let literal = JSONText.string(text)
    precondition(!holdsControlCharacters(literal), "a literal with a line break")
    precondition(same(parsed("[" + literal + "]", as: [String].self), [text]), "a literal that says something else")
}

private func checkJSONLine(message: String, name: String, value: String) {
    var fields: [String: LogValue] = ["identifier": .identifier(value), "number": .integer(17)]
    fields[name] = .string(value)
    let line = LogFormat.json.line(time: time, level: .error, message: message, fields: fields)
    precondition(line.utf8.last == 0x0A && !holdsControlCharacters(line.dropLast()), "no line of its own")
    guard let record = parsed(line, as: [String: FieldValue].self) else {
        preconditionFailure("a line that is no JSON object")
    }
    // A field of the same name as one of the two above has replaced it.
    if ["identifier", "number"].contains(name) { return }
    let written = ["timestamp", "level", "message"].contains(name) ? "_" + name : name
    precondition(same(record["message"]?.text, Redaction.mask(message)), "another message")
    let identifier = IdentifierShape.matches(value) ? value : Redaction.mask(value)
    precondition(same(record["identifier"]?.text, identifier), "another identifier")
    precondition(record["level"]?.text == "ERROR" && record["number"]?.number == 17, "another level or number")
    let hasValue = record.contains { same($0.key, written) && same($0.value.text, Redaction.mask(value)) }
    precondition(hasValue, "another field")
}

private func checkTextLine(message: String, name: String, value: String) {
    let line = LogFormat.text.line(time: time, level: .info, message: message, fields: [name: .string(value)])
    precondition(line.utf8.last == 0x0A && !holdsControlCharacters(line.dropLast()), "no line of its own")
    let breaks: [Unicode.Scalar] = ["\u{7F}", "\u{85}", "\u{2028}", "\u{2029}"]
    precondition(!line.unicodeScalars.contains(where: breaks.contains), "a line that some readers break")
    precondition(line.utf8.starts(with: "2025-11-20T20:00:00.123Z INFO ".utf8), "another beginning")
}

private func checkReport(_ report: ErrorReport) {
    precondition(!holdsControlCharacters(report.json), "a report with a line break")
    guard let document = parsed(report.json, as: ReportDocument.self) else {
        preconditionFailure("a report that is no JSON")
    }
    precondition(same(document.errorMessage, report.errorMessage), "another message")
    precondition(same(document.errorType, report.errorType), "another type")
    precondition(same(document.stackTrace, report.stackTrace), "another stack")
    checkHeaderType(report.headerType)
    checkCause(report)
    checkTrailers(report)
}

/// What ends a broken stream: the type, and the report in base64, shortened so that libcurl takes it.
private func checkTrailers(_ report: ErrorReport) {
    let lines = ErrorTrailers.lines(report)
    precondition(lines.allSatisfy { $0.utf8.allSatisfy { (0x20...0x7E).contains($0) } }, "no lines of a head")
    let document = lines.last.flatMap { $0.split(separator: " ").last }.flatMap { Data(base64Encoded: String($0)) }
    guard let document, document.count <= ErrorTrailers.maximumDocumentBytes else {
        preconditionFailure("no base64, or too long")
    }
    let text = String(decoding: document, as: UTF8.self)
    precondition(parsed(text, as: ReportDocument.self) != nil, "a shortened report that is no JSON")
}

/// `Function.Reason` or `Runtime.Reason`: Lambda replaces what is not of this form.
private func checkHeaderType(_ type: String) {
    let reason = ["Function.", "Runtime."].first(where: type.hasPrefix).map { type.dropFirst($0.count) }
    let isCapitalized = reason?.utf8.first.map { (0x41...0x5A).contains($0) } ?? false
    let isLetters = reason?.unicodeScalars.allSatisfy { $0.isASCII && $0.properties.isAlphabetic } ?? false
    precondition(isCapitalized && isLetters, "a type that no header may hold")
}

/// The cause is a header's value.
private func checkCause(_ report: ErrorReport) {
    guard let cause = report.errorCause else { return }
    precondition(cause.utf8.allSatisfy { (0x20...0x7E).contains($0) }, "a cause that no header may hold")
    precondition(cause.utf8.count < RuntimeAPI.maximumErrorCauseBytes, "a cause that is too long")
    let exception = parsed(cause, as: CauseDocument.self)?.exceptions.first
    precondition(same(exception?.message, report.errorMessage), "another message of the cause")
}

private struct ReportDocument: Decodable {
    let errorMessage: String
    let errorType: String
    let stackTrace: [String]
}

private struct CauseDocument: Decodable {
    struct Failure: Decodable {
        let message: String
    }
    let exceptions: [Failure]
}

/// A text or a number.
private struct FieldValue: Decodable {
    let text: String?
    let number: Int?

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        text = try? container.decode(String.self)
        number = text == nil ? try container.decode(Int.self) : nil
    }
}

/// Not by `JSONSerialization`, which loses a byte order mark behind an escape.
private func parsed<Document: Decodable>(_ text: String, as type: Document.Type) -> Document? {
    try? JSONDecoder().decode(type, from: Data(text.utf8))
}

private func holdsControlCharacters(_ text: some StringProtocol) -> Bool {
    text.utf8.contains { $0 < 0x20 }
}

/// Equal byte for byte; Swift's own comparison takes other spellings of a character for the same.
private func same(_ left: String?, _ right: String) -> Bool {
    left.map { $0.utf8.elementsEqual(right.utf8) } ?? false
}

private func same(_ left: [String]?, _ right: [String]) -> Bool {
    left.map { $0.count == right.count && zip($0, right).allSatisfy { same($0, $1) } } ?? false
}
