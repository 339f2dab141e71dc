import Cryptography
import Foundation

/// One attribute of a message: its type as the sender named it and its text or bytes.
struct SQSMessageAttribute: Sendable, Equatable {
    enum Value: Sendable, Equatable {
        case text(String)
        case binary(Data)
    }

    /// `String`, `Number` or `Binary`, optionally with a suffix of the sender's (`Number.int`).
    let dataType: String
    let value: Value

    /// Bytes that count towards the message size.
    func byteCount(named name: String) -> Int {
        let valueCount =
            switch value {
            case .text(let text): text.utf8.count
            case .binary(let data): data.count
            }
        return name.utf8.count + dataType.utf8.count + valueCount
    }

    /// The attribute in the form of the wire protocol.
    var wire: JSONValue {
        switch value {
        case .text(let text): ["DataType": .string(dataType), "StringValue": .string(text)]
        case .binary(let data): ["DataType": .string(dataType), "BinaryValue": .string(data.base64EncodedString())]
        }
    }

    /// Reads the attributes of a send call.
    static func parse(_ input: AWSInput, member: String) throws(AWSServiceError) -> [String: SQSMessageAttribute] {
        guard let members = try input.object(member) else { return [:] }
        guard members.count <= SQSLimits.messageAttributes else {
            throw SQSErrors.invalidParameter(
                "Number of message attributes [\(members.count)] exceeds the allowed maximum "
                    + "[\(SQSLimits.messageAttributes)].")
        }
        var attributes: [String: SQSMessageAttribute] = [:]
        for (name, value) in members {
            attributes[name] = try parse(name: name, value, missing: input.missing)
        }
        return attributes
    }

    private static func parse(
        name: String, _ value: JSONValue, missing: @escaping @Sendable (String) -> AWSServiceError
    ) throws(AWSServiceError) -> SQSMessageAttribute {
        guard isValidName(name) else {
            throw SQSErrors.invalidParameter("The message attribute name '\(name)' is invalid.")
        }
        guard let object = value.objectValue else {
            throw AWSServiceError("SerializationException", "The message attribute '\(name)' must be a structure.")
        }
        let input = AWSInput(members: object, missing: missing)
        guard let dataType = try input.string("DataType"), !dataType.isEmpty else {
            throw SQSErrors.invalidParameter("The message attribute '\(name)' must contain a non-empty DataType.")
        }
        switch dataType.prefix(while: { $0 != "." }) {
        case "String", "Number":
            guard let text = try input.string("StringValue"), !text.isEmpty else {
                throw SQSErrors.invalidParameter(
                    "The message attribute '\(name)' must contain a non-empty StringValue for type '\(dataType)'.")
            }
            return SQSMessageAttribute(dataType: dataType, value: .text(text))
        case "Binary":
            guard let data = try input.data("BinaryValue"), !data.isEmpty else {
                throw SQSErrors.invalidParameter(
                    "The message attribute '\(name)' must contain a non-empty BinaryValue for type '\(dataType)'.")
            }
            return SQSMessageAttribute(dataType: dataType, value: .binary(data))
        default:
            throw SQSErrors.invalidParameter(
                "The type of message attribute '\(name)' is invalid. You must use one of String, Number, Binary.")
        }
    }

    private static func isValidName(_ name: String) -> Bool {
        let allowed = AWSNames.isAlphanumeric(name, or: "_-.")
        return allowed && (1...256).contains(name.utf8.count) && !name.hasPrefix(".") && !name.hasSuffix(".")
            && !name.contains("..")
    }

    /// The digest SDKs verify: for each attribute in name order the length-prefixed name and type, a byte telling
    /// text (1) from binary (2), and the length-prefixed value (developer guide, "Calculating the MD5 message digest
    /// for message attributes").
    static func md5(_ attributes: [String: SQSMessageAttribute]) -> String? {
        guard !attributes.isEmpty else { return nil }
        var encoded: [UInt8] = []
        func append(_ bytes: some Collection<UInt8>) {
            encoded.append(contentsOf: withUnsafeBytes(of: UInt32(bytes.count).bigEndian) { Array($0) })
            encoded.append(contentsOf: bytes)
        }
        let ordered = attributes.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
        for (name, attribute) in ordered {
            append(name.utf8)
            append(attribute.dataType.utf8)
            switch attribute.value {
            case .text(let text):
                encoded.append(1)
                append(text.utf8)
            case .binary(let data):
                encoded.append(2)
                append(data)
            }
        }
        return MD5.hexDigest(encoded)
    }
}
