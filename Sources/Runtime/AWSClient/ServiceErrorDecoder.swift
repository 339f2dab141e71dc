import FoundationEssentials
import HTTPClient

/// Reads the error out of a service's response, whichever of AWS's formats it is in.
///
/// The format is taken from the body, not from the service: gateways in front of JSON services answer in XML too.
enum ServiceErrorDecoder {
    /// What a body without any readable code is called; the status then carries the meaning.
    static let unknownCode = "UnknownError"

    static func failure(
        _ service: AWSService, _ operation: String, _ response: HTTPResponse
    ) -> AWSServiceFailure {
        var failure = AWSServiceFailure(
            service: service, operation: operation, code: unknownCode, status: response.status,
            requestID: response.headers["x-amzn-RequestId"] ?? response.headers["x-amz-request-id"])
        if let body = try? JSONDecoder().decode(JSONErrorBody.self, from: response.body) {
            failure.message = body.message ?? ""
            failure.item = body.item ?? body.cancellationReasons?.lazy.compactMap(\.item).first
            failure.cancellationReasons = body.cancellationReasons?.map(\.reason) ?? []
            failure.code = code(body.type) ?? failure.code
        } else {
            let text = String(decoding: response.body, as: UTF8.self)
            failure.message = XMLText.firstElement("Message", in: text) ?? ""
            failure.code = code(XMLText.firstElement("Code", in: text)) ?? failure.code
            failure.requestID = failure.requestID ?? XMLText.firstElement("RequestId", in: text)
        }
        failure.code = code(response.headers["x-amzn-ErrorType"]) ?? failure.code
        return failure
    }

    /// `com.amazonaws.dynamodb.v20120810#ThrottlingException` and `ThrottlingException:http://…` both name
    /// `ThrottlingException` (Smithy, "AWS JSON 1.1 protocol", operation error serialization).
    private static func code(_ text: String?) -> String? {
        guard let text else { return nil }
        let withoutAddress = text.prefix { $0 != ":" }
        let name = withoutAddress.lastIndex(of: "#").map { withoutAddress[withoutAddress.index(after: $0)...] }
        let code = name ?? withoutAddress
        return code.isEmpty ? nil : String(code)
    }
}

/// The error body of the JSON protocols; services disagree on the case of `message` and on the name of the code.
private struct JSONErrorBody: Decodable {
    let type: String?
    let message: String?
    let item: [String: AttributeValue]?
    let cancellationReasons: [CancellationReason]?

    private enum CodingKeys: String, CodingKey {
        case underscoredType = "__type"
        case code = "code"
        case message = "message"
        case capitalMessage = "Message"
        case item = "Item"
        case cancellationReasons = "CancellationReasons"
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        func text(_ key: CodingKeys) throws -> String? { try container.decodeIfPresent(String.self, forKey: key) }
        type = try text(.underscoredType) ?? text(.code)
        message = try text(.message) ?? text(.capitalMessage)
        item = try container.decodeIfPresent([String: AttributeValue].self, forKey: .item)
        cancellationReasons = try container.decodeIfPresent([CancellationReason].self, forKey: .cancellationReasons)
    }
}

/// Why one action of a transaction was not carried out; code `None` stands for an action that was in order.
private struct CancellationReason: Decodable {
    let code: String?
    let item: [String: AttributeValue]?

    var reason: String? { code == "None" ? nil : code }

    private enum CodingKeys: String, CodingKey {
        case code = "Code"
        case item = "Item"
    }
}
