import FoundationEssentials

/// A payload that is not the event the handler expects.
public struct LambdaEventError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The type that was expected.
    public let expected: String
    /// Where in the payload, and what is wrong there; never the payload's own values.
    public let detail: String

    /// An error made of its parts.
    public init(expected: String, detail: String) {
        self.expected = expected
        self.detail = detail
    }

    public var description: String { "the payload is not a valid \(expected): \(detail)" }
}

/// What a handler takes: made from the bytes of an invocation's payload.
public protocol LambdaDecodable: Sendable {
    /// Decodes the payload of one invocation.
    init(lambdaPayload: Data) throws(LambdaEventError)
}

/// What a handler returns: becomes the bytes of the invocation's response.
public protocol LambdaEncodable: Sendable {
    /// Encodes the response of one invocation.
    func lambdaPayload() throws(LambdaEventError) -> Data
}

extension LambdaDecodable where Self: Decodable {
    /// Decodes the payload as JSON.
    public init(lambdaPayload: Data) throws(LambdaEventError) {
        do {
            self = try JSONDecoder().decode(Self.self, from: lambdaPayload)
        } catch {
            throw LambdaEventError(expected: "\(Self.self)", detail: DecodingFailure.describe(error))
        }
    }
}

extension LambdaEncodable where Self: Encodable {
    /// Encodes the response as JSON with sorted keys.
    public func lambdaPayload() throws(LambdaEventError) -> Data {
        do {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            return try encoder.encode(self)
        } catch {
            throw LambdaEventError(expected: "\(Self.self)", detail: "cannot be encoded as JSON")
        }
    }
}

/// A payload passed through as it is.
public struct RawPayload: LambdaDecodable, LambdaEncodable, Equatable {
    /// The bytes.
    public var bytes: Data

    /// A payload of these bytes.
    public init(_ bytes: Data) {
        self.bytes = bytes
    }

    public init(lambdaPayload: Data) {
        bytes = lambdaPayload
    }

    public func lambdaPayload() -> Data { bytes }
}

/// Says what a decoding error is about without quoting the document, which may hold customer data.
enum DecodingFailure {
    static func describe(_ error: any Error) -> String {
        guard let error = error as? DecodingError else { return "not JSON" }
        return switch error {
        case .keyNotFound(let key, let context): "\(path(context.codingPath + [key])) is missing"
        case .typeMismatch(let type, let context): "\(path(context.codingPath)) is not of type \(type)"
        case .valueNotFound(_, let context): "\(path(context.codingPath)) is null"
        case .dataCorrupted(let context):
            context.codingPath.isEmpty ? "not JSON" : "\(path(context.codingPath)) has an invalid value"
        @unknown default: "not decodable"
        }
    }

    private static func path(_ keys: [any CodingKey]) -> String {
        guard !keys.isEmpty else { return "the document" }
        return keys.map { key in key.intValue.map { "[\($0)]" } ?? ".\(key.stringValue)" }
            .joined().drop { $0 == "." }.description
    }
}
