import FoundationEssentials
import LambdaCodable
import LambdaEvents
import LambdaRuntime

/// What a test asks the probe to do: the event, decoded the way any function's Codable event is.
struct Command: Codable, LambdaDecodable {
    /// The deed; see `Deeds`.
    var `do`: String
    /// The text of an error or a log line.
    var text: String?
    /// The same as bytes in hexadecimal, for what is not valid UTF-8.
    var hexadecimal: String?
    /// The `errorType` of an error.
    var type: String?
    /// The level of a log line.
    var level: String?
    /// How many bytes to return, how long to sleep in milliseconds, or which status or signal to end with.
    var count: Int?
    /// The parts of a streamed response.
    var chunks: [String]?
    /// The status code of a streamed HTTP response; without it the response has no head.
    var statusCode: Int?
    /// What the stream does after its chunks, when not just ending.
    var then: String?
    /// How long it then sleeps, in milliseconds.
    var pause: Int?
    /// How many frames the stack of an error has, instead of two.
    var frames: Int?

    /// The text, whichever way it was given; invalid sequences are replaced, as Swift does.
    var anyText: String {
        guard let hexadecimal else { return text ?? "" }
        let digits = Array(hexadecimal.utf8)
        let bytes = stride(from: 0, to: digits.count - 1, by: 2).compactMap { index in
            UInt8(String(decoding: digits[index...(index + 1)], as: UTF8.self), radix: 16)
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

/// An error with a test's words.
struct ProbeError: LambdaReportableError {
    let errorType: String
    let errorMessage: String
    var stackTrace = ["ContractProbe", "Command"]
}

/// An error that says nothing about how Lambda should see it, and whose description nobody may see.
struct PlainError: Error, CustomStringConvertible {
    let description: String
}

/// A document inside a payload, such as a queue's message, of which only one is right.
struct InnerDocument: Decodable {
    enum Kind: String, Decodable { case known }
    let kind: Kind

    /// Decodes it the way any function does; the error quotes what it could not read.
    init(text: String) throws {
        self = try JSONDecoder().decode(InnerDocument.self, from: Data(text.utf8))
    }
}
