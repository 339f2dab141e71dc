import Foundation
import HTTPClient

/// A small XML document for the services that still speak XML (SNS, S3).
struct AWSXML: Sendable {
    private(set) var text = ""

    /// Adds `<name>text</name>`.
    mutating func element(_ name: String, _ value: String) {
        text += "<\(name)>\(Self.escape(value))</\(name)>"
    }

    /// Adds an element around whatever `content` adds.
    mutating func element(_ name: String, attributes: String = "", _ content: (inout AWSXML) -> Void) {
        text += "<\(name)\(attributes.isEmpty ? "" : " " + attributes)>"
        content(&self)
        text += "</\(name)>"
    }

    /// Adds everything another document holds.
    mutating func append(_ other: AWSXML) {
        text += other.text
    }

    /// The bytes, with the declaration in front.
    var document: Data { Data(("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n" + text).utf8) }

    /// Escapes what XML reserves, and carriage returns, which a parser would otherwise turn into line feeds.
    static func escape(_ value: String) -> String {
        var escaped = ""
        for scalar in value.unicodeScalars {
            switch scalar {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "\"": escaped += "&quot;"
            case "\r": escaped += "&#13;"
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }

    /// The error document of the query protocol.
    static func errorResponse(_ error: AWSServiceError, namespace: String? = nil) -> HTTPServerResponse {
        let requestID = AWSRequestID.make()
        var xml = AWSXML()
        xml.element("ErrorResponse", attributes: namespace.map { "xmlns=\"\($0)\"" } ?? "") { response in
            response.element("Error") { body in
                body.element("Type", error.status < 500 ? "Sender" : "Receiver")
                body.element("Code", error.code)
                body.element("Message", error.message)
            }
            response.element("RequestId", requestID)
        }
        return .reply(
            status: error.status, headers: ["Content-Type": "text/xml", "x-amzn-RequestId": requestID],
            body: xml.document)
    }
}
