import Wire

/// Where the fields of one sender's attribute are.
struct MessageAttributeFields {
    private var dataType: JSONString?
    private var stringValue: JSONString?
    private var binaryValue: JSONString?
    private var stringListValues: [JSONString]?
    private var binaryListValues: [JSONString]?

    /// The first of each key counts.
    private enum Field: Int {
        case dataType, stringValue, binaryValue, stringListValues, binaryListValues

        var path: StaticString {
            switch self {
            case .dataType: ".*.dataType"
            case .stringValue: ".*.stringValue"
            case .binaryValue: ".*.binaryValue"
            case .stringListValues: ".*.stringListValues"
            case .binaryListValues: ".*.binaryListValues"
            }
        }

        init?(key: UnsafeRawBufferPointer) {
            switch key.count {
            case 8 where key.isEqual(to: "dataType"): self = .dataType
            case 11 where key.isEqual(to: "stringValue"): self = .stringValue
            case 11 where key.isEqual(to: "binaryValue"): self = .binaryValue
            case 16 where key.isEqual(to: "stringListValues"): self = .stringListValues
            case 16 where key.isEqual(to: "binaryListValues"): self = .binaryListValues
            default: return nil
            }
        }
    }

    /// Reads the attribute that comes next.
    ///
    /// - Parameter member: told which field is at hand before it can fail.
    init(_ scanner: inout JSONScanner, _ member: inout StaticString) throws(JSONError) {
        var seen = FieldSet<Field>()
        try scanner.enterObject()
        while let key = try scanner.nextKey() {
            guard let field = scanner.withText(of: key, Field.init(key:)), seen.insert(field) else {
                try scanner.skipValue()
                continue
            }
            member = field.path
            switch field {
            case .dataType: dataType = try scanner.optionalString()
            case .stringValue: stringValue = try scanner.optionalString()
            case .binaryValue: binaryValue = try scanner.optionalString()
            case .stringListValues: stringListValues = try Self.list(&scanner)
            case .binaryListValues: binaryListValues = try Self.list(&scanner)
            }
        }
    }

    private static func list(_ scanner: inout JSONScanner) throws(JSONError) -> [JSONString]? {
        if try scanner.skipNull() { return nil }
        var strings: [JSONString] = []
        try scanner.enterArray()
        while try scanner.nextElement() { strings.append(try scanner.string()) }
        return strings
    }

    /// The attribute, with its texts.
    private func attribute(_ scanner: JSONScanner) -> SQSEvent.MessageAttribute {
        var attribute = SQSEvent.MessageAttribute(
            dataType: dataType.map(scanner.text) ?? "", stringValue: stringValue.map(scanner.text),
            binaryValue: binaryValue.map(scanner.text))
        attribute.stringListValues = stringListValues?.map(scanner.text)
        attribute.binaryListValues = binaryListValues?.map(scanner.text)
        return attribute
    }

    /// The attributes in an object that was read before; those that are null are left out.
    static func attributes(_ json: Bytes) -> [String: SQSEvent.MessageAttribute] {
        StringKeyedObject.values(json) { (scanner) throws(JSONError) in
            if try scanner.skipNull() { return nil }
            var member: StaticString = ""
            return try MessageAttributeFields(&scanner, &member).attribute(scanner)
        }
    }
}
