import Foundation

extension DynamoDBValue {
    /// The value as it travels: one member named by the type, for example `{"N": "42"}`.
    var wire: JSONValue {
        switch self {
        case .string(let text): ["S": .string(text.text)]
        case .number(let number): ["N": .string(number.text)]
        case .binary(let data): ["B": .string(data.base64EncodedString())]
        case .boolean(let value): ["BOOL": .bool(value)]
        case .null: ["NULL": true]
        case .list(let elements): ["L": .array(elements.map(\.wire))]
        case .map(let members): ["M": .object(members.mapValues(\.wire))]
        // Sets have no order; sorted they are at least the same every time.
        case .stringSet(let elements): ["SS": .array(elements.sorted().map { .string($0.text) })]
        case .numberSet(let elements): ["NS": .array(elements.sorted().map { .string($0.text) })]
        case .binarySet(let elements):
            ["BS": .array(elements.map { $0.base64EncodedString() }.sorted().map { .string($0) })]
        }
    }

    /// Reads a value from the wire.
    init(wire: JSONValue, depth: Int = 0) throws(AWSServiceError) {
        guard case .object(let members) = wire else {
            throw AWSServiceError(
                "SerializationException", "An attribute value must be a structure such as {\"S\": \"…\"}.")
        }
        guard members.count == 1, let (type, content) = members.first else {
            throw DynamoDBErrors.validation(
                members.isEmpty
                    ? "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes"
                    : "Supplied AttributeValue has more than one datatypes set, must contain exactly one of the "
                        + "supported datatypes")
        }
        guard depth <= DynamoDBLimits.nestingLevels else {
            throw DynamoDBErrors.validation(
                "Nesting Levels have exceeded supported limits: at most \(DynamoDBLimits.nestingLevels)")
        }
        self = try Self.parse(type, content, depth: depth)
    }

    private static func parse(
        _ type: String, _ content: JSONValue, depth: Int
    ) throws(AWSServiceError) -> DynamoDBValue {
        switch (type, content) {
        case ("S", .string(let text)): return .string(ExactText(text))
        case ("N", .string(let text)): return .number(try number(text))
        case ("B", .string(let text)): return .binary(try binary(text))
        case ("BOOL", .bool(let value)): return .boolean(value)
        case ("NULL", .bool(true)): return .null
        case ("NULL", .bool(false)):
            throw DynamoDBErrors.validation(
                "One or more parameter values were invalid: Null attribute value types must have the value of true")
        case ("L", .array(let elements)):
            var list: [DynamoDBValue] = []
            for element in elements { list.append(try DynamoDBValue(wire: element, depth: depth + 1)) }
            return .list(list)
        case ("M", .object(let members)):
            var map: [String: DynamoDBValue] = [:]
            for (name, member) in members { map[name] = try DynamoDBValue(wire: member, depth: depth + 1) }
            return .map(map)
        case ("SS", .array(let elements)):
            let texts = try texts(elements, "string")
            return .stringSet(try distinct(texts.map { ExactText($0) }, described: texts))
        case ("NS", .array(let elements)):
            let texts = try texts(elements, "number")
            var numbers: [DynamoDBNumber] = []
            for text in texts { numbers.append(try number(text)) }
            return .numberSet(try distinct(numbers, described: texts))
        case ("BS", .array(let elements)):
            let texts = try texts(elements, "binary")
            var blobs: [Data] = []
            for text in texts { blobs.append(try binary(text)) }
            return .binarySet(try distinct(blobs, described: texts))
        default:
            guard typeNames.contains(type) else {
                throw DynamoDBErrors.validation(
                    "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes; "
                        + "'\(type)' is none of them")
            }
            throw AWSServiceError(
                "SerializationException", "The content of an attribute value of type \(type) has the wrong form.")
        }
    }

    private static func number(_ text: String) throws(AWSServiceError) -> DynamoDBNumber {
        do throws(DynamoDBNumber.ParseError) {
            return try DynamoDBNumber(parsing: text)
        } catch {
            throw DynamoDBErrors.validation(error.message)
        }
    }

    private static func binary(_ text: String) throws(AWSServiceError) -> Data {
        guard let data = Data(base64Encoded: text) else {
            throw AWSServiceError("SerializationException", "A binary attribute value must be base64 text.")
        }
        return data
    }

    private static func texts(_ elements: [JSONValue], _ kind: String) throws(AWSServiceError) -> [String] {
        guard !elements.isEmpty else {
            throw DynamoDBErrors.validation(
                "One or more parameter values were invalid: An \(kind) set  may not be empty")
        }
        var texts: [String] = []
        for element in elements {
            guard let text = element.stringValue else {
                throw AWSServiceError("SerializationException", "A \(kind) set must hold text only.")
            }
            texts.append(text)
        }
        return texts
    }

    private static func distinct<Element: Hashable>(
        _ elements: [Element], described texts: [String]
    ) throws(AWSServiceError) -> Set<Element> {
        let set = Set(elements)
        guard set.count == elements.count else {
            throw DynamoDBErrors.validation(
                "One or more parameter values were invalid: Input collection [\(texts.joined(separator: ", "))] "
                    + "contains duplicates.")
        }
        return set
    }
}

enum DynamoDBErrors {
    /// Validation errors come from the framework in front of DynamoDB, all others from DynamoDB.
    static func typeNamespace(_ code: String) -> String {
        switch code {
        case "ValidationException": "com.amazon.coral.validate#"
        case "SerializationException", "UnknownOperationException": "com.amazon.coral.service#"
        default: "com.amazonaws.dynamodb.v20120810#"
        }
    }

    static func validation(_ message: String) -> AWSServiceError {
        AWSServiceError("ValidationException", message)
    }

    static func missingMember(_ name: String) -> AWSServiceError {
        validation(
            "1 validation error detected: Value null at '\(name.prefix(1).lowercased() + name.dropFirst())' failed to "
                + "satisfy constraint: Member must not be null")
    }

    static func tableNotFound(_ name: String) -> AWSServiceError {
        AWSServiceError("ResourceNotFoundException", "Requested resource not found: Table: \(name) not found")
    }

    static func conditionFailed(_ item: DynamoDBItem?) -> AWSServiceError {
        AWSServiceError(
            "ConditionalCheckFailedException", "The conditional request failed",
            details: item.map { ["Item": $0.wire] } ?? [:])
    }

    static let itemTooLarge = validation("Item size has exceeded the maximum allowed size")
    static let updatedItemTooLarge = validation("Item size to update has exceeded the maximum allowed size")
}

extension AWSInput {
    /// A member holding an item or key.
    func item(_ name: String) throws(AWSServiceError) -> DynamoDBItem? {
        guard let members = try object(name) else { return nil }
        var item: DynamoDBItem = [:]
        for (name, value) in members { item[name] = try DynamoDBValue(wire: value) }
        return item
    }
}
