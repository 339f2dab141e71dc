import Cryptography
import Foundation

/// What a template cannot say: the values and seed data under which it runs on this machine (`infra/local.json`).
///
/// A text of the form `${name}` stands for something known only at run time, such as a port; `${sha256:text}` is the
/// SHA-256 of a text in hexadecimal.
public struct LocalConfiguration: Sendable {
    /// A database and the migrations that make it.
    public struct Database: Sendable {
        /// The database's name.
        public let name: String
        /// Directory of the migrations, relative to the configuration file.
        public let migrations: String
    }

    private let document: JSONValue

    /// Reads a configuration.
    public init(_ data: Data) throws(TemplateError) {
        do { document = try JSONValue(parsing: data) } catch {
            throw TemplateError(path: "local configuration", reason: "not JSON: \(error)")
        }
    }

    /// Values for the template's parameters.
    public func parameters(_ values: [String: String]) throws(TemplateError) -> [String: JSONValue] {
        try substitute(document["parameters"] ?? [:], values, path: "parameters").objectValue ?? [:]
    }

    /// Texts of the secrets, by name.
    public func secrets(_ values: [String: String]) throws(TemplateError) -> [String: String] {
        try substitute(document["secrets"] ?? [:], values, path: "secrets").objectValue?.mapValues(\.text) ?? [:]
    }

    /// Items of the tables, by the table's logical id, in DynamoDB's wire form.
    public func items(_ values: [String: String]) throws(TemplateError) -> [String: [JSONValue]] {
        try substitute(document["items"] ?? [:], values, path: "items").objectValue?
            .mapValues { $0.arrayValue ?? [] } ?? [:]
    }

    /// The databases, by role.
    public func databases() throws(TemplateError) -> [String: Database] {
        var databases: [String: Database] = [:]
        for (role, entry) in document["databases"]?.objectValue ?? [:] {
            guard let name = entry["name"]?.stringValue, let migrations = entry["migrations"]?.stringValue else {
                throw TemplateError(path: "databases.\(role)", reason: "needs name and migrations")
            }
            databases[role] = Database(name: name, migrations: migrations)
        }
        return databases
    }

    private func substitute(_ value: JSONValue, _ values: [String: String], path: String) throws(TemplateError)
        -> JSONValue
    {
        switch value {
        case .string(let text):
            guard text.hasPrefix("${"), text.hasSuffix("}") else { return value }
            let name = String(text.dropFirst(2).dropLast())
            if name.hasPrefix("sha256:") {
                return .string(SHA256.hexDigest(Array(name.dropFirst("sha256:".count).utf8)))
            }
            guard let known = values[name] else {
                throw TemplateError(
                    path: path,
                    reason: "\(text) is not known; there are \(values.keys.sorted().joined(separator: ", "))")
            }
            return Int64(known).map { .integer($0) } ?? .string(known)
        case .array(let elements):
            var result: [JSONValue] = []
            for (index, element) in elements.enumerated() {
                result.append(try substitute(element, values, path: "\(path)[\(index)]"))
            }
            return .array(result)
        case .object(let members):
            var result: [String: JSONValue] = [:]
            for (key, member) in members { result[key] = try substitute(member, values, path: "\(path).\(key)") }
            return .object(result)
        default: return value
        }
    }
}
