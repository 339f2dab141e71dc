import Foundation

/// Replaces CloudFormation's intrinsic functions by what they stand for on this machine.
///
/// `Ref` and `Fn::GetAtt` of a resource give what the local service gives: a queue's URL, a stream's name, an ARN.
struct IntrinsicResolver {
    let parameters: [String: JSONValue]
    let resources: [String: JSONValue]
    let names: LocalNames

    /// The value with every intrinsic function in it resolved.
    func resolve(_ value: JSONValue, path: String) throws(TemplateError) -> JSONValue {
        switch value {
        case .object(let members):
            if members.count == 1, let (key, argument) = members.first, let result = try intrinsic(key, argument, path)
            {
                return result
            }
            var resolved: [String: JSONValue] = [:]
            for (key, member) in members { resolved[key] = try resolve(member, path: "\(path).\(key)") }
            return .object(resolved)
        case .array(let elements):
            var resolved: [JSONValue] = []
            for (index, element) in elements.enumerated() {
                resolved.append(try resolve(element, path: "\(path)[\(index)]"))
            }
            return .array(resolved)
        default: return value
        }
    }

    private func intrinsic(_ key: String, _ argument: JSONValue, _ path: String) throws(TemplateError) -> JSONValue? {
        switch key {
        case "Ref":
            guard let name = argument.stringValue else { throw TemplateError(path: path, reason: "Ref takes a name") }
            return try reference(name, path)
        case "Fn::GetAtt":
            let parts =
                argument.arrayValue?.compactMap(\.stringValue)
                ?? argument.stringValue.map { $0.split(separator: ".", maxSplits: 1).map(String.init) } ?? []
            guard parts.count == 2 else {
                throw TemplateError(path: path, reason: "Fn::GetAtt takes a resource and an attribute")
            }
            return .string(try attribute(parts[0], parts[1], path))
        case "Fn::Sub":
            guard let text = argument.stringValue ?? argument[0]?.stringValue else {
                throw TemplateError(path: path, reason: "Fn::Sub takes a text")
            }
            return .string(try substitute(text, argument[1]?.objectValue ?? [:], path))
        case "Fn::Join":
            guard let separator = argument[0]?.stringValue, let parts = argument[1]?.arrayValue else {
                throw TemplateError(path: path, reason: "Fn::Join takes a separator and a list")
            }
            var texts: [String] = []
            for part in parts { texts.append(try resolve(part, path: path).lenientText) }
            return .string(texts.joined(separator: separator))
        case let name where name.hasPrefix("Fn::") || name == "Condition":
            throw TemplateError(path: path, reason: "\(name) is not supported by the local emulator")
        default: return nil
        }
    }

    private func reference(_ name: String, _ path: String) throws(TemplateError) -> JSONValue {
        if let value = parameters[name] { return value }
        if let pseudo = names.pseudoParameter(name) { return .string(pseudo) }
        guard let resource = resources[name] else {
            throw TemplateError(path: path, reason: "Ref names \(name), which is neither a parameter nor a resource")
        }
        return .string(names.reference(name, resource))
    }

    private func attribute(_ name: String, _ attribute: String, _ path: String) throws(TemplateError) -> String {
        guard let resource = resources[name] else {
            throw TemplateError(path: path, reason: "Fn::GetAtt names \(name), which is not a resource")
        }
        return names.attribute(attribute, of: name, resource)
    }

    private func substitute(_ text: String, _ variables: [String: JSONValue], _ path: String) throws(TemplateError)
        -> String
    {
        var result = ""
        var rest = text[...]
        while let start = rest.range(of: "${") {
            result += rest[..<start.lowerBound]
            guard let end = rest.range(of: "}", range: start.upperBound..<rest.endIndex) else {
                throw TemplateError(path: path, reason: "Fn::Sub has an unclosed ${")
            }
            let name = String(rest[start.upperBound..<end.lowerBound])
            rest = rest[end.upperBound...]
            if name.hasPrefix("!") {
                result += "${\(name.dropFirst())}"
            } else if let value = variables[name] {
                result += try resolve(value, path: path).lenientText
            } else if let dot = name.firstIndex(of: ".") {
                result += try attribute(String(name[..<dot]), String(name[name.index(after: dot)...]), path)
            } else {
                result += try reference(name, path).lenientText
            }
        }
        return result + rest
    }
}
