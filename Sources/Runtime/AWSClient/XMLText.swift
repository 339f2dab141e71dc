/// The little XML this client needs: the text of one element in a response of S3 or of the query protocol.
enum XMLText {
    /// The text of the first element of that name which has no children, its entities resolved; `nil` when there is
    /// none.
    static func firstElement(_ name: String, in document: String) -> String? {
        let opening = "<\(name)>"
        var rest = document[...]
        while let start = rest.firstIndex(of: "<") {
            rest = rest[start...]
            if rest.hasPrefix(opening) { return content(rest.dropFirst(opening.count), upTo: "</\(name)>") }
            rest = rest.dropFirst()
        }
        return nil
    }

    /// The text in front of the first tag, when that is the closing one.
    private static func content(_ text: Substring, upTo closing: String) -> String? {
        guard let end = text.firstIndex(of: "<"), text[end...].hasPrefix(closing) else { return nil }
        return resolvingEntities(text[..<end])
    }

    private static func resolvingEntities(_ text: Substring) -> String {
        var resolved = ""
        var rest = text
        while let start = rest.firstIndex(of: "&") {
            resolved += rest[..<start]
            let reference = rest[rest.index(after: start)...]
            guard let end = reference.firstIndex(of: ";"), let character = character(reference[..<end]) else {
                resolved.append("&")
                rest = reference
                continue
            }
            resolved.append(character)
            rest = reference[reference.index(after: end)...]
        }
        return resolved + rest
    }

    /// The five predefined entities and numeric references (XML 1.0, sections 4.1 and 4.6).
    private static func character(_ reference: Substring) -> Character? {
        switch reference {
        case "amp": return "&"
        case "lt": return "<"
        case "gt": return ">"
        case "quot": return "\""
        case "apos": return "'"
        default:
            guard reference.hasPrefix("#") else { return nil }
            let number = reference.dropFirst()
            let value = number.hasPrefix("x") ? UInt32(number.dropFirst(), radix: 16) : UInt32(number)
            return value.flatMap(Unicode.Scalar.init).map(Character.init)
        }
    }
}
