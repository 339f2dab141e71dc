import Cryptography
import Foundation
import LocalEmulator

/// What is linked into the functions: an SBOM.
struct BillOfMaterials {
    /// One function with its libraries.
    struct Function {
        let name: String
        /// Of its `bootstrap`.
        let sha256: String
        let libraries: [LibraryUse]
    }

    /// What the functions belong to.
    let project: String
    let functions: [Function]

    private static let specification = "1.5"

    /// A table for people: what is linked, and how much of it.
    var table: [String] {
        let rows = functions.flatMap { function in
            function.libraries.map { use in
                [
                    function.name, use.library.name, use.library.version, String((use.bytes + 512) / 1024),
                    use.library.licence, use.library.note,
                ]
            }
        }
        return Console.table([["function", "library", "version", "KiB", "licence", ""]] + rows, right: [3])
    }

    /// The same as CycloneDX 1.5 (https://cyclonedx.org/docs/1.5/json/), with nothing in it that changes by itself.
    var document: JSONValue {
        let libraries = Dictionary(
            functions.flatMap(\.libraries).map { (Self.reference($0.library), $0.library) },
            uniquingKeysWith: { first, _ in first })
        let components: JSONValue = .array(
            functions.map(Self.component) + libraries.sorted { $0.key < $1.key }.map { Self.component($0.value) })
        let dependencies: JSONValue = .array(
            [["ref": .string(project), "dependsOn": .array(functions.map { .string(Self.reference($0)) })]]
                + functions.map { function in
                    [
                        "ref": .string(Self.reference(function)),
                        "dependsOn": .array(function.libraries.map { .string(Self.reference($0.library)) }),
                    ]
                })
        return [
            "$schema": "http://cyclonedx.org/schema/bom-1.5.schema.json",
            "bomFormat": "CycloneDX", "specVersion": .string(Self.specification), "version": 1,
            "serialNumber": .string(Self.serialNumber(of: [components, dependencies])),
            "metadata": [
                "component": ["type": "application", "bom-ref": .string(project), "name": .string(project)]
            ],
            "components": components, "dependencies": dependencies,
        ]
    }

    private static func component(_ function: Function) -> JSONValue {
        [
            "type": "application", "bom-ref": .string(reference(function)), "name": .string(function.name),
            "hashes": [["alg": "SHA-256", "content": .string(function.sha256)]],
            "properties": .array(
                function.libraries.map {
                    ["name": .string("fincore:linked-bytes:\($0.library.name)"), "value": .string("\($0.bytes)")]
                }),
        ]
    }

    private static func component(_ library: LinkedLibrary) -> JSONValue {
        var component: JSONValue = [
            "type": "library", "bom-ref": .string(reference(library)), "name": .string(library.name),
            "version": .string(library.version), "licenses": [["expression": .string(library.licence)]],
            "purl": .string(library.packageURL),
        ]
        if !library.note.isEmpty {
            component["properties"] = [["name": "fincore:note", "value": .string(library.note)]]
        }
        return component
    }

    private static func reference(_ function: Function) -> String { "function/\(function.name)" }

    private static func reference(_ library: LinkedLibrary) -> String { "library/\(library.name)@\(library.version)" }

    /// A UUID made of the content (RFC 9562, version 8): the same libraries always give the same document.
    private static func serialNumber(of content: JSONValue) -> String {
        var bytes = Array(SHA256.digest(content.serialized()).prefix(16))
        bytes[6] = bytes[6] & 0x0F | 0x80
        bytes[8] = bytes[8] & 0x3F | 0x80
        let digits = Hex.encode(bytes)
        var groups: [Substring] = []
        var rest = digits[...]
        for length in [8, 4, 4, 4, 12] {
            groups.append(rest.prefix(length))
            rest = rest.dropFirst(length)
        }
        return "urn:uuid:" + groups.joined(separator: "-")
    }
}
